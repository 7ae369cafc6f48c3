import { parentPort, workerData } from 'node:worker_threads';
import { useCore } from '../crypto/core/use.ts';
import { forgetfulPlatform, nodePlatform } from '../crypto/platform.node.ts';
import { verdictOctets } from '../document/octets.node.ts';
import { type Journey, journey } from '../journey.ts';
import { gathering } from '../journeys.ts';
import { oneTimeOf } from '../record/settle.ts';
import type { Federation } from '../region/federation.ts';
import type { Standpoint } from '../region/standpoint.ts';
import { federationOf } from '../region/store.node.ts';
import type { FromThread, ThreadAsked, ThreadData, ThreadTold, ToThread } from './message.ts';

// One of the threads of pool.node.ts: walks documents and asks nobody. What it fails at ends it, and is walked by the main
// thread.

let federation: Federation | undefined;
let standpoints = new Map<string, Standpoint>();
/** Epoch ms: the clock of whoever asks, so that both threads judge by the same one. */
let now = 0;

const { remembers, core } = workerData as ThreadData;
const platform = remembers ? nodePlatform : forgetfulPlatform;
const port = parentPort!;
const tell = (message: FromThread): void => port.postMessage(message);
useCore({ use: core, differed: (differed) => tell({ differed }) });

port.on('message', (message: ToThread) => {
  if ('source' in message) {
    federation = federationOf(message.source, platform);
    standpoints = new Map();
    tell({ ready: message.federation });
    return;
  }
  now = message.now;
  tell({ ask: message.ask, told: walk(message.asked) });
});

/** As journeys.ts has it: opened first, signatures side by side. */
function walk(asked: readonly ThreadAsked[]): (ThreadTold | undefined)[] {
  const { begin } = gathering(platform);
  const begun = asked.map(({ presented, region, question }) => begin(presented, standpointOf(region), question.at));
  return asked.map(({ presented, region, question }, i) =>
    told(journey(presented, standpointOf(region), question, begun[i])),
  );
}

function standpointOf(region: string): Standpoint {
  let standpoint = standpoints.get(region);
  if (standpoint === undefined) {
    standpoint = federation?.standpoint(region, () => now);
    if (standpoint === undefined) throw new RangeError(`no region ${region} here`);
    standpoints.set(region, standpoint);
  }
  return standpoint;
}

/** A region (what it refers to) or a responder (whether a certificate was revoked) may have to be asked: not from here. */
function told(walked: Journey): ThreadTold | undefined {
  const { verdict, reference } = walked;
  if (reference !== undefined || verdict.findings.some(({ code }) => code === 'CERTIFICATE_STATUS_UNKNOWN'))
    return undefined;
  const { outcome, format, issuer } = verdict;
  const json = verdictOctets(verdict);
  return { json, outcome, format: format?.id, issuer: issuer?.region, shown: oneTimeOf(walked) };
}
