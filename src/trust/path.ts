import { Broken } from '../document/broken.ts';
import {
  algorithmIsInUse,
  type Certificate,
  isSelfIssued,
  KEY_USAGE,
  publicKeyOf,
  type SignatureCheck,
} from './certificate.ts';
import { EXTENSION, extensionOf } from './extensions.ts';
import { type NameLimits, nameFault, nameLimits, narrowed } from './name-constraints.ts';
import {
  ANY_POLICY,
  type NameConstraints,
  readAltNames,
  readInhibitAnyPolicy,
  readNameConstraints,
  readPolicies,
  readPolicyConstraints,
  readPolicyMappings,
} from './path-extensions.ts';
import { initialPolicies, type PolicyGraph, resultingPolicies, withMappings, withPolicies } from './policy.ts';
import { profileFault } from './profile.ts';
import { criticalFault } from './use.ts';

/** What a path is judged by besides its certificates (RFC 5280 §6.1.1 (b) to (g)). */
export interface PathInputs {
  /** Epoch ms. Without it validity is not looked at: who caches the answer bounds its use by the certificates' times. */
  readonly at?: number | undefined;
  /** The user-initial-policy-set; any policy if absent. */
  readonly policies?: ReadonlySet<string> | undefined;
  readonly explicitPolicy?: boolean;
  readonly inhibitMapping?: boolean;
  readonly inhibitAnyPolicy?: boolean;
  /** Authorities below the anchor, those that issued to themselves not counted. */
  readonly pathLength?: number | undefined;
  /** The initial permitted and excluded subtrees. */
  readonly names?: readonly NameConstraints[];
  /** Purposes, one of which the last certificate must be for where it, or an authority, names any (§4.2.1.12). */
  readonly purposes?: readonly string[] | undefined;
  /** What the anchor's own certificate says of the paths below it binds like any authority's (RFC 5937). */
  readonly anchorBinds?: boolean;
  /** Also asks what §4 demands of those who issue, beyond what §6 has those check who rely on it. */
  readonly conforming?: boolean;
}

/** Certificates from the last one, that of whoever signs, up to the one that the anchor issued. */
export type Certificates = readonly [Certificate, ...Certificate[]];

/** The policies under which the last certificate stands, or which clause fails, in words. */
export type PathResult =
  | { readonly policies: ReadonlySet<string>; readonly fault?: undefined }
  | { readonly fault: string };

export const ANY_PURPOSE = '2.5.29.37.0';

/** What changes from one certificate to the next (§6.1.2). */
interface State {
  readonly graph: PolicyGraph;
  readonly limits: NameLimits;
  readonly explicitPolicy: number;
  readonly inhibitAnyPolicy: number;
  readonly policyMapping: number;
  readonly pathLength: number;
}

/**
 * Validates a path by RFC 5280 §6.1, revocation (§6.1.3 (a)(3)) apart. The anchor gives its name and key; what else its
 * certificate says binds only through the inputs.
 */
export function validatePath(
  path: Certificates,
  anchor: Certificate,
  inputs: PathInputs,
  signed: SignatureCheck,
): PathResult {
  try {
    return walk(path, anchor, inputs, signed);
  } catch (error) {
    if (!(error instanceof Broken)) throw error;
    return { fault: `${error.part}: ${error.message}` };
  }
}

function walk(path: Certificates, anchor: Certificate, inputs: PathInputs, signed: SignatureCheck): PathResult {
  const n = path.length;
  let limits = nameLimits();
  for (const constraints of inputs.names ?? []) limits = narrowed(limits, constraints);
  // §6.1.2: n + 1 stands for "not within this path".
  let state: State = {
    graph: initialPolicies(),
    limits,
    explicitPolicy: inputs.explicitPolicy ? 0 : n + 1,
    inhibitAnyPolicy: inputs.inhibitAnyPolicy ? 0 : n + 1,
    policyMapping: inputs.inhibitMapping ? 0 : n + 1,
    pathLength: Math.min(n, inputs.pathLength ?? n),
  };
  if (inputs.conforming) {
    const fault = profileFault(anchor, 'anchor');
    if (fault !== undefined) return { fault };
  }
  if (inputs.anchorBinds) {
    const late = inputs.at === undefined ? undefined : timeFault(anchor, inputs.at);
    if (late !== undefined) return { fault: late };
    const bound = prepare(anchor, state, inputs, true);
    if (typeof bound === 'string') return { fault: bound };
    state = bound;
  }
  let issuer = anchor;
  for (let i = n - 1; i > 0; i--) {
    const certificate = path[i]!;
    const step = advance(certificate, issuer, state, inputs, signed, false);
    if (typeof step === 'string') return { fault: step };
    const next = prepare(certificate, step, inputs, isSelfIssued(certificate));
    if (typeof next === 'string') return { fault: next };
    state = next;
    issuer = certificate;
  }
  const [last] = path;
  const step = advance(last, issuer, state, inputs, signed, true);
  if (typeof step === 'string') return { fault: step };
  return wrapUp(last, step, inputs);
}

/** §6.1.3: basic processing of one certificate. */
function advance(
  certificate: Certificate,
  issuer: Certificate,
  state: State,
  inputs: PathInputs,
  signed: SignatureCheck,
  last: boolean,
): State | string {
  if (inputs.conforming) {
    const fault = profileFault(certificate, last ? 'last' : 'authority');
    if (fault !== undefined) return fault;
  }
  const fault = linkFault(certificate, issuer, inputs.at, signed);
  if (fault !== undefined) return fault;
  const selfIssued = isSelfIssued(certificate);
  if (!selfIssued || last) {
    const outside = nameFault(certificate, state.limits);
    if (outside !== undefined) return outside;
  }
  const policies = extensionOf(certificate, EXTENSION.certificatePolicies, readPolicies);
  const graph = withPolicies(state.graph, policies, state.inhibitAnyPolicy > 0 || (!last && selfIssued));
  if (state.explicitPolicy === 0 && graph === undefined)
    return 'no certificate policy holds all the way down, and one is asked for';
  return { ...state, graph };
}

/** §6.1.3 (a): signature, validity, name of the issuer. */
function linkFault(
  certificate: Certificate,
  issuer: Certificate,
  at: number | undefined,
  signed: SignatureCheck,
): string | undefined {
  if (certificate.issuer.key !== issuer.subject.key) return 'a certificate names another issuer than the one above it';
  if (!algorithmIsInUse(certificate)) return 'a certificate is signed with an algorithm that is not in use';
  if (!signed(certificate, issuer)) return 'the authority that the certificate names did not sign it';
  return at === undefined ? undefined : timeFault(certificate, at);
}

export function timeFault({ notBefore, notAfter }: Certificate, at: number): string | undefined {
  if (at < notBefore) return 'a certificate of the path is not valid yet';
  return at > notAfter ? 'a certificate of the path has expired' : undefined;
}

/**
 * §6.1.4: from an authority's certificate to what it issued.
 *
 * @param free whether the certificate is not counted: self-issued, or the anchor's
 */
function prepare(certificate: Certificate, state: State, inputs: PathInputs, free: boolean): State | string {
  const mappings = extensionOf(certificate, EXTENSION.policyMappings, readPolicyMappings);
  if (mappings !== undefined && mapsAny(mappings)) return 'an authority maps a policy to or from any policy';
  const graph = mappings === undefined ? state.graph : withMappings(state.graph, mappings, state.policyMapping > 0);

  const names = extensionOf(certificate, EXTENSION.nameConstraints, readNameConstraints);
  const limits = names === undefined ? state.limits : narrowed(state.limits, names);

  const less = (count: number): number => (free || count === 0 ? count : count - 1);
  const constraints = extensionOf(certificate, EXTENSION.policyConstraints, readPolicyConstraints);
  const inhibit = extensionOf(certificate, EXTENSION.inhibitAnyPolicy, readInhibitAnyPolicy);

  const fault = authorityFault(certificate, inputs);
  if (fault !== undefined) return fault;
  if (!free && state.pathLength === 0) return 'more authorities than one of them allows below it';
  return {
    graph,
    limits,
    explicitPolicy: Math.min(less(state.explicitPolicy), constraints?.requireExplicit ?? Infinity),
    policyMapping: Math.min(less(state.policyMapping), constraints?.inhibitMapping ?? Infinity),
    inhibitAnyPolicy: Math.min(less(state.inhibitAnyPolicy), inhibit ?? Infinity),
    pathLength: Math.min(less(state.pathLength), certificate.basicConstraints?.pathLength ?? Infinity),
  };
}

function mapsAny(mappings: ReadonlyMap<string, ReadonlySet<string>>): boolean {
  return mappings.has(ANY_POLICY) || [...mappings.values()].some((to) => to.has(ANY_POLICY));
}

/** Why a certificate may not issue others (§6.1.4 (k), (n), (o); §4.2.1.12 as is usual for authorities). */
export function authorityFault(certificate: Certificate, inputs: PathInputs = {}): string | undefined {
  const { version, basicConstraints, keyUsage } = certificate;
  // Without the flag anyone's own certificate would issue others.
  if (version !== 3 || basicConstraints?.ca !== true) return 'a certificate that is no authority’s issued another';
  if (keyUsage !== undefined && (keyUsage & KEY_USAGE.keyCertSign) === 0)
    return 'an authority whose key usage does not allow signing certificates';
  return criticalFault(certificate) ?? purposeFault(certificate, inputs.purposes);
}

function purposeFault({ extendedKeyUsage: own }: Certificate, wanted: readonly string[] | undefined) {
  if (own === undefined || wanted === undefined || own.includes(ANY_PURPOSE)) return undefined;
  return wanted.some((purpose) => own.includes(purpose))
    ? undefined
    : 'a certificate of the path is for other purposes';
}

/** §6.1.5. */
function wrapUp(last: Certificate, state: State, inputs: PathInputs): PathResult {
  const constraints = extensionOf(last, EXTENSION.policyConstraints, readPolicyConstraints);
  const explicitPolicy = constraints?.requireExplicit === 0 ? 0 : Math.max(0, state.explicitPolicy - 1);
  publicKeyOf(last);
  // A list of alternative names that cannot be read may say anything.
  extensionOf(last, EXTENSION.subjectAltName, readAltNames);
  const fault = criticalFault(last) ?? purposeFault(last, inputs.purposes);
  if (fault !== undefined) return { fault };
  const policies = resultingPolicies(state.graph, inputs.policies);
  if (explicitPolicy === 0 && policies.size === 0)
    return { fault: 'the certificate stands under none of the certificate policies that are asked for' };
  return { policies };
}
