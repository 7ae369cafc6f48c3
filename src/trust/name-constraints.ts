import { Broken } from '../document/broken.ts';
import type { Certificate } from './certificate.ts';
import { EXTENSION, extensionOf } from './extensions.ts';
import { type GeneralName, NAME_KIND } from './general-names.ts';
import { type NameConstraints, readAltNames } from './path-extensions.ts';

/** Name constraints (RFC 5280 §4.2.1.10; §6.1.3 (b) and (c), §6.1.4 (g)). */

/** How names of one kind are compared with a constraint. */
interface Kind {
  /** For messages. */
  readonly called: string;
  /** Whether a constraint is one at all. */
  readonly isConstraint: (base: GeneralName) => boolean;
  readonly isName: (name: GeneralName) => boolean;
  readonly within: (name: GeneralName, base: GeneralName) => boolean;
  /** Whether some name that this one stands for lies within: a wildcard stands for many. */
  readonly touches?: (name: GeneralName, base: GeneralName) => boolean;
}

const anything = (): boolean => true;

/** One row for each kind of name that can be compared. A name of another kind that is constrained is refused. */
const KINDS: ReadonlyMap<number, Kind> = new Map<number, Kind>([
  [
    NAME_KIND.directory,
    {
      called: 'a directory name',
      isConstraint: anything,
      isName: anything,
      within: ({ name }, { name: base }) => base!.parts.every((part, i) => part === name!.parts[i]),
    },
  ],
  [
    NAME_KIND.dns,
    {
      called: 'a DNS name',
      isConstraint: ({ text }) => text === '' || isHost(text!),
      isName: ({ text }) => isHost(withoutWildcard(text!)),
      within: ({ text }, { text: base }) => inDomain(text!, base!),
      touches: ({ text }, { text: base }) =>
        inDomain(text!, base!) || (text!.startsWith('*.') && inDomain(base!, text!.slice(2))),
    },
  ],
  [
    NAME_KIND.email,
    {
      called: 'an e-mail address',
      isConstraint: ({ text }) => isDomain(text!) || isMailbox(text!),
      isName: ({ text }) => isMailbox(text!),
      within: ({ text }, { text: base }) => mailWithin(text!, base!),
    },
  ],
  [
    NAME_KIND.uri,
    {
      called: 'a URI',
      isConstraint: ({ text }) => isDomain(text!),
      // §4.2.1.10: a URI without a host name, an address in its place included, is refused where URIs are constrained.
      isName: ({ text }) => hostOf(text!) !== undefined,
      within: ({ text }, { text: base }) => hostWithin(hostOf(text!)!, base!),
    },
  ],
  [
    NAME_KIND.ip,
    {
      called: 'an IP address',
      isConstraint: ({ bytes }) => (bytes.length === 8 || bytes.length === 32) && isMask(bytes),
      isName: ({ bytes }) => bytes.length === 4 || bytes.length === 16,
      within: ({ bytes }, { bytes: base }) =>
        base.length === 2 * bytes.length &&
        bytes.every((octet, i) => ((octet ^ base[i]!) & base[bytes.length + i]!) === 0),
    },
  ],
]);

const CALLED = ['other name', '', '', 'X.400 address', '', 'EDI party name', '', '', 'registered id'];

/** Every name of one certificate against every constraint above it, added up along a path. */
const MAX_COMPARISONS = 250_000;

/** The constraints that hold at one place of a path; those of each authority bind beside those of the ones above it. */
export interface NameLimits {
  readonly layers: readonly NameConstraints[];
  /** Comparisons left for the path: thousands of names under thousands of constraints would take minutes. */
  readonly left: { comparisons: number };
}

/** Where a path begins, nothing is limited. */
export const nameLimits = (): NameLimits => ({ layers: [], left: { comparisons: MAX_COMPARISONS } });

/**
 * The limits below an authority with these constraints.
 *
 * @throws Broken part `certificate` for a constraint that is none: to pass it over would permit what it forbids
 */
export function narrowed(limits: NameLimits, constraints: NameConstraints): NameLimits {
  for (const base of [...constraints.permitted, ...constraints.excluded]) {
    const kind = KINDS.get(base.kind);
    if (kind !== undefined && !kind.isConstraint(base))
      throw new Broken('certificate', `a name constraint that is not ${kind.called}`);
  }
  return { ...limits, layers: [...limits.layers, constraints] };
}

/** Why a certificate's names do not lie within the limits, if they do not. */
export function nameFault(certificate: Certificate, limits: NameLimits): string | undefined {
  if (limits.layers.length === 0) return undefined;
  for (const name of namesOf(certificate)) {
    for (const { permitted, excluded } of limits.layers) {
      const fault = faultUnder(name, permitted, excluded, limits.left);
      if (fault !== undefined) return fault;
    }
  }
  return undefined;
}

function faultUnder(
  name: GeneralName,
  permitted: readonly GeneralName[],
  excluded: readonly GeneralName[],
  left: { comparisons: number },
): string | undefined {
  const forbidding = excluded.filter(({ kind }) => kind === name.kind);
  const allowing = permitted.filter(({ kind }) => kind === name.kind);
  if (forbidding.length + allowing.length === 0) return undefined;
  left.comparisons -= permitted.length + excluded.length;
  if (left.comparisons < 0) return 'it has more names and name constraints than are compared';
  const kind = KINDS.get(name.kind);
  // §4.2.1.10: a constrained kind that cannot be compared must be refused, not passed over.
  if (kind === undefined) return `a name of a kind (${CALLED[name.kind]}) that is constrained and cannot be compared`;
  if (!kind.isName(name)) return `what should be ${kind.called} is none, where such names are constrained`;
  const { within, touches = within } = kind;
  if (forbidding.some((base) => touches(name, base))) return `${kind.called} that an authority above it excludes`;
  if (allowing.length > 0 && !allowing.some((base) => within(name, base)))
    return `${kind.called} that an authority above it does not permit`;
  return undefined;
}

/** The subject, the alternative names, and e-mail addresses in the subject (§4.2.1.10). */
function namesOf(certificate: Certificate): readonly GeneralName[] {
  const { subject } = certificate;
  const alternative = extensionOf(certificate, EXTENSION.subjectAltName, readAltNames) ?? [];
  const emails = subject.emails.map((text) => ({ kind: NAME_KIND.email, bytes: subject.raw, text }));
  // An empty subject is no name.
  const own = subject.parts.length === 0 ? [] : [{ kind: NAME_KIND.directory, bytes: subject.raw, name: subject }];
  return [...own, ...alternative, ...emails];
}

/** A host name in the preferred syntax (RFC 1034 §3.5); `_` is in use. */
function isHost(text: string): boolean {
  if (text.length === 0 || text.length > 253) return false;
  return text.split('.').every((label) => label.length <= 63 && /^[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?$/i.test(label));
}

/** A host, the hosts below a domain (a dot in front), or all (nothing, as authorities write to exclude a kind of name). */
const isDomain = (text: string): boolean => text === '' || isHost(text.startsWith('.') ? text.slice(1) : text);

const withoutWildcard = (text: string): string => (text.startsWith('*.') ? text.slice(2) : text);

/** §4.2.1.10: the domain itself and every name with labels added in front. */
function inDomain(name: string, base: string): boolean {
  const [host, domain] = [name.toLowerCase(), base.toLowerCase()];
  return domain === '' || host === domain || host.endsWith(`.${domain}`);
}

/** §4.2.1.10: with a dot in front, names below the domain; without, this host alone. */
function hostWithin(name: string, base: string): boolean {
  const [host, domain] = [name.toLowerCase(), base.toLowerCase()];
  if (domain === '') return true;
  return domain.startsWith('.') ? host.endsWith(domain) && host.length > domain.length : host === domain;
}

/** Local part and host; the local part may be quoted and hold a sign `@` of its own. */
function mailboxOf(text: string): { local: string; host: string } | undefined {
  const at = text.lastIndexOf('@');
  const [local, host] = [text.slice(0, at), text.slice(at + 1)];
  const plain = /^[a-z0-9.!#$%&'*+/=?^_`{|}~-]+$/i.test(local) || /^"([^"\\]|\\.)*"$/.test(local);
  return at > 0 && plain && local.length <= 254 && isHost(host) ? { local, host } : undefined;
}

const isMailbox = (text: string): boolean => mailboxOf(text) !== undefined;

/** One mailbox (its local part as it is written), the mailboxes of one host, or those of all hosts below a domain. */
function mailWithin(text: string, base: string): boolean {
  const mailbox = mailboxOf(text)!;
  const constraint = mailboxOf(base);
  if (constraint === undefined) return hostWithin(mailbox.host, base);
  return mailbox.local === constraint.local && mailbox.host.toLowerCase() === constraint.host.toLowerCase();
}

/** The host of a URI (RFC 3986 §3.2); undefined without one or with an address in its place. */
function hostOf(uri: string): string | undefined {
  const [, authority] = /^[a-z][a-z0-9+.-]*:\/\/([^/?#]*)/i.exec(uri) ?? [];
  if (authority === undefined) return undefined;
  const host = authority.slice(authority.lastIndexOf('@') + 1).replace(/:\d*$/, '');
  return isHost(host) && !/^[\d.]+$/.test(host) ? host : undefined;
}

/** A mask in CIDR style (RFC 4632 §3.1): ones, then zeros. */
function isMask(bytes: Uint8Array): boolean {
  const mask = bytes.subarray(bytes.length / 2);
  const end = mask.findIndex((octet) => octet !== 0xff);
  if (end < 0) return true;
  const partial = 255 - mask[end]!;
  return (partial & (partial + 1)) === 0 && mask.subarray(end + 1).every((octet) => octet === 0);
}
