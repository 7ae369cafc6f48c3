import { canonicalJson, parseJson } from '../codec/json.ts';
import { decodeUtf8, encodeUtf8 } from '../codec/utf8.ts';
import type { Value, ValueObject } from '../codec/value.ts';
import type { Platform } from '../crypto/platform.ts';
import type { Proposal } from '../document/generated/types.ts';
import { FEDERATION } from '../trust/tuf/federation-profile.ts';
import { type Keys, type RoleKeys, readMetadata } from '../trust/tuf/metadata.ts';
import { isSignedBy, signaturesBy } from '../trust/tuf/signatures.ts';
import type { NamedSigner } from './operators.ts';
import type { Delegated, Published, RoleFile, RootFile } from './published.ts';
import { addSignature, unsignedFile } from './tuf-write.ts';

/**
 * One change of the store on its way from hand to hand. The person who begins it signs what he can and passes the file on;
 * each adds signatures, and whoever keeps the repository places it when every threshold is met.
 */
export interface Draft {
  /** In words: `admit 360000`. */
  readonly operation: string;
  readonly files: readonly { readonly role: string; readonly signed: ValueObject }[];
  /** Target files that the change lists and the repository may not have. */
  readonly contents: ReadonlyMap<string, Uint8Array>;
}

export const proposalOf = (
  draft: Draft,
  made: string,
  by: string,
  names: Readonly<Record<string, string>>,
): Proposal => ({
  proposal: draft.operation,
  made,
  by,
  names,
  files: draft.files.map(({ role, signed }) => ({ role, file: objectOf(unsignedFile(signed)) })),
});

/** As deep and as long as metadata may be. */
const LIMITS = { depth: 32, items: 1_000_000 };
const objectOf = (bytes: Uint8Array) => parseJson(decodeUtf8(bytes), LIMITS) as unknown as Record<string, unknown>;
const bytesOf = (file: object): Uint8Array => encodeUtf8(canonicalJson(file as Value));

/** A proposal's metadata: root apart from the others. @throws TufRefusal */
export function filesOf({ files }: Proposal): {
  readonly root: RootFile | undefined;
  readonly roles: ReadonlyMap<string, RoleFile>;
} {
  const root = files.find(({ role }) => role === 'root');
  return {
    root: root && readMetadata(bytesOf(root.file), 'root'),
    roles: new Map(
      files
        .filter(({ role }) => role !== 'root')
        .map(({ role, file }) => [role, readMetadata(bytesOf(file), 'targets', role)]),
    ),
  };
}

/** One threshold that a file of a proposal has to meet, and who has signed. Ids are key ids. */
export interface Need {
  readonly role: string;
  /** By whose list: of the store as it is, or as it will be. */
  readonly under: 'now' | 'then';
  readonly threshold: number;
  readonly signed: readonly string[];
  readonly missing: readonly string[];
  readonly met: boolean;
}

/**
 * All thresholds of a proposal. A new root has to be signed as the old one asks and as itself asks (TUF 1.0 §6.1). `targets`
 * beside a new root, too: it is written before that root, so that both have to vouch for it.
 */
export function needsOf(proposal: Proposal, published: Published, platform: Platform): Need[] {
  const { root, roles } = filesOf(proposal);
  const after = root ?? published.root;
  const needs: Need[] = [];
  const add = (
    role: string,
    file: RootFile | RoleFile,
    under: Need['under'],
    by: { of: RoleKeys; keys: Keys; ruledBy: RootFile | undefined },
  ): void => {
    const kinds = by.ruledBy === undefined ? [] : FEDERATION.kinds(by.ruledBy, role);
    const found = signaturesBy(file, by, platform);
    needs.push({
      role,
      under,
      threshold: by.of.threshold,
      signed: found.by,
      missing: by.of.keyIds.filter((id) => !found.by.includes(id)),
      met: isSignedBy(file, { role, ...by, kinds }, platform),
    });
  };
  const top = (role: 'root' | 'targets', file: RootFile | RoleFile): void => {
    if (root !== undefined && published.root !== undefined)
      add(role, file, 'now', {
        of: published.root.body.roles[role],
        keys: published.root.body.keys,
        ruledBy: published.root,
      });
    if (after !== undefined)
      add(role, file, 'then', { of: after.body.roles[role], keys: after.body.keys, ruledBy: after });
  };
  if (root !== undefined) top('root', root);
  for (const [role, file] of roles) {
    if (role === 'targets') top('targets', file);
    else {
      const by = delegatedIn(role, roles, published);
      if (by !== undefined) add(role, file, 'then', { of: by.delegation, keys: by.keys, ruledBy: after });
    }
  }
  return needs;
}

/** How a role is delegated once the proposal is placed. */
function delegatedIn(
  role: string,
  roles: ReadonlyMap<string, RoleFile>,
  published: Published,
): Pick<Delegated, 'delegation' | 'keys'> | undefined {
  for (const { body } of roles.values()) {
    const delegation = body.delegations.find(({ name }) => name === role);
    if (delegation !== undefined) return { delegation, keys: body.delegatedKeys };
  }
  const now = published.delegated.get(role);
  return now === undefined || roles.has(now.by) ? undefined : now;
}

/** The proposal with the signatures of all keys at hand that somebody asks for; and which of them were added. */
export async function signProposal(
  proposal: Proposal,
  published: Published,
  signers: readonly NamedSigner[],
  platform: Platform,
): Promise<{ readonly proposal: Proposal; readonly added: readonly string[] }> {
  const needs = needsOf(proposal, published, platform);
  const files = new Map(proposal.files.map(({ role, file }) => [role, bytesOf(file)]));
  const names: Record<string, string> = { ...proposal.names };
  const added: string[] = [];
  for (const [role, file] of files) {
    const asked = new Set(needs.filter((need) => need.role === role).flatMap(({ missing }) => missing));
    let signed = file;
    for (const signer of signers) {
      if (!asked.has(signer.keyId)) continue;
      signed = await addSignature(signed, signer, platform);
      names[signer.keyId] ??= signer.name;
      added.push(`${signer.name}: ${role}`);
    }
    files.set(role, signed);
  }
  const next = proposal.files.map(({ role }) => ({ role, file: objectOf(files.get(role)!) }));
  return { proposal: { ...proposal, names, files: next }, added };
}
