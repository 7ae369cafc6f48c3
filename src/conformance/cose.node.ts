import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openCoseSign1 } from '../codec/cose.ts';
import { decodeHex } from '../codec/hex.ts';
import { CODE_LIMITS } from '../codec/limits.ts';
import { algorithmOfCose, algorithmOfJose } from '../crypto/algorithms.ts';
import { keyFromJwk } from '../crypto/keys.ts';
import { nodePlatform } from '../crypto/platform.node.ts';
import { Broken } from '../document/broken.ts';
import { agree, differ, notApplicable, type Outcome, type Suite } from './suite.ts';

interface Example {
  readonly fail?: boolean;
  readonly input: {
    readonly sign0?: { readonly key: Record<string, string>; readonly alg?: string; readonly external?: string };
  };
  readonly output: { readonly cbor: string };
}

/** COSE_Sign1 examples of the COSE working group: those that must verify, and those that must not. */
export const cose: Suite = {
  name: 'cose',
  summary:
    'COSE 工作组的 COSE_Sign1 示例，有正确的，也有出错的 · COSE_Sign1 examples of the COSE working group, good and failing',
  async run(dir, report, progress) {
    const files = (await readdir(dir, { recursive: true })).filter((file) => file.endsWith('.json')).sort();
    if (files.length === 0) throw new Error(`${dir}: no examples (*.json) in this folder`);
    for (const [index, file] of files.entries()) {
      report({ name: file, ...judge(JSON.parse(await readFile(join(dir, file), 'utf8')) as Example) });
      progress?.(index + 1, files.length);
    }
  },
};

function judge({ input, output, fail = false }: Example): Outcome {
  const signing = input.sign0;
  if (signing === undefined) {
    const kind = Object.keys(input).find((member) =>
      ['sign', 'mac', 'mac0', 'enveloped', 'encrypted'].includes(member),
    );
    return notApplicable(`COSE ${kind ?? 'message'} is not COSE_Sign1`);
  }
  const declared = algorithmOfJose(signing.alg ?? '');
  if (declared === undefined) return notApplicable(`algorithm ${signing.alg} is not in the table`);
  const { crv } = signing.key;
  if (crv !== undefined && crv !== declared.key) {
    return notApplicable(`${declared.name} with curve ${crv} is not in the table`);
  }
  let found: string;
  try {
    found = verify(output.cbor, signing.key, signing.external);
  } catch (error) {
    if (!(error instanceof Broken)) throw error;
    found = `${error.part}: ${error.message}`;
  }
  const agrees = (found === 'good') === !fail;
  return agrees ? agree() : differ(`expected ${fail ? 'a failure' : 'good'}, found ${found}`);
}

function verify(hex: string, { d: _secret, ...jwk }: Record<string, string>, external = ''): string {
  const { proof } = openCoseSign1(decodeHex(hex.toLowerCase()), CODE_LIMITS, decodeHex(external.toLowerCase()));
  const algorithm = algorithmOfCose(Number(proof.algorithm.slice('cose:'.length)));
  if (algorithm === undefined) return `algorithm ${proof.algorithm}`;
  const check = nodePlatform.prepare(algorithm.name, keyFromJwk(jwk));
  return check?.(proof.signed, proof.signature) ? 'good' : 'bad signature';
}
