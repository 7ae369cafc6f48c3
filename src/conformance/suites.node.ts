import { certlogic } from './certlogic.node.ts';
import { cose } from './cose.node.ts';
import { dccQa } from './dcc-qa.node.ts';
import { dccRules } from './dcc-rules.node.ts';
import { dccTestdata } from './dcc-testdata.node.ts';
import { limbo } from './limbo.node.ts';
import { ofd } from './ofd.node.ts';
import { pkits } from './pkits.node.ts';
import { shc } from './shc.node.ts';
import { sm2 } from './sm2.node.ts';
import type { Suite } from './suite.ts';
import { tuf } from './tuf.node.ts';
import { vdsNc } from './vds-nc.node.ts';
import { wycheproof } from './wycheproof.ts';

/** The suites, one row each, by the name that the command line uses. */
export const SUITES: readonly Suite[] = [
  dccTestdata,
  dccQa,
  dccRules,
  certlogic,
  cose,
  limbo,
  ofd,
  pkits,
  shc,
  sm2,
  tuf,
  vdsNc,
  wycheproof,
];
