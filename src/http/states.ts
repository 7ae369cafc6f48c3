import type { StatesAsk } from '../document/generated/types.ts';
import { validateStatesAsk } from '../document/generated/validators.js';
import { NotAskable } from '../exchange/states.ts';
import { answerJson, type Desk, type Exchange } from './exchange.ts';
import { askIn, exchangingOf, systemOf } from './exchanges.ts';
import type { Gateway } from './gateway.ts';
import { Problem } from './problems.ts';
import { mayAsk } from './verifier.ts';

const MOST_BYTES = 8 * 1024;

/** POST /v1/states: in which state another region has whoever has this number. Errors: Problem `forbidden-ask`, beside those of bodies. */
export async function askState(desk: Desk, gateway: Gateway, exchange: Exchange): Promise<void> {
  const { caller } = exchange;
  const ask = await askIn<StatesAsk>(desk, exchange, MOST_BYTES, validateStatesAsk, 'states-ask');
  mayAsk('/purpose', ask.purpose, caller.purposes);
  // A list was made for this region, and is not lent to another.
  if (systemOf(gateway, caller).region !== gateway.defaults.region)
    throw new Problem('forbidden-ask', 'only systems of this gateway’s own region may ask this');
  const { states } = await exchangingOf(gateway);
  try {
    const said = await states.ask(ask);
    // By what it was told, not what: the log says nothing of people.
    exchange.outcome = said.basis ?? 'unknown';
    answerJson(exchange, said, { 'Content-Language': 'zh-CN, en' });
  } catch (error) {
    if (error instanceof NotAskable) {
      const { at, allowed } = error;
      throw new Problem('forbidden-ask', error.message, { at, allowed });
    }
    throw error;
  }
}
