import { nodePlatform } from '../crypto/platform.node.ts';
import { signResponse } from '../exchange/message-signature.ts';
import type { Desk, Exchange } from './exchange.ts';
import type { Gateway } from './gateway.ts';
import { traceOf } from './log.ts';

/**
 * Lets the answer to a signed request be signed, bound to the request's signature: whoever keeps both can show who said what to
 * whom. By this gateway's own key, where its region lists that (`systems.json`); a signature that nobody can check is none.
 */
export async function signAnswers({ log }: Desk, gateway: Gateway, exchange: Exchange): Promise<void> {
  const { signed } = exchange;
  if (signed === undefined || gateway.systemKeys === undefined) return;
  const { signer } = await gateway.systemKeys();
  const { clock, federation } = gateway;
  if (federation().systems.key(signer.keyId, clock()) === undefined) return;
  exchange.sign = async (answer) => {
    try {
      return await signResponse(answer, signed.signature, signer, { digester: nodePlatform, now: clock() });
    } catch (error) {
      log.write('internal', { id: exchange.id, ...traceOf(error) });
      throw error;
    }
  };
}
