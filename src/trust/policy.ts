import { ANY_POLICY } from './path-extensions.ts';

/**
 * Certificate policies along a path (RFC 5280 §6.1.2 to §6.1.5), as the graph that RFC 9618 put in place of the tree: a
 * few authorities can write certificates whose tree has more nodes than any memory, while the graph never has more
 * than the policies they name.
 */

/** A policy at one depth. */
interface Node {
  /** Policies one depth down that count as this one. */
  readonly expected: ReadonlySet<string>;
  /** Policies one depth up under which it stands. */
  readonly parents: ReadonlySet<string>;
}

type Level = Map<string, Node>;

/** One level for each certificate so far, the anchor's first. None if no policy is left. */
export type PolicyGraph = readonly Level[] | undefined;

const NONE: ReadonlySet<string> = new Set();

/** §6.1.2 (a): whatever the anchor stands for. */
export const initialPolicies = (): PolicyGraph => [
  new Map([[ANY_POLICY, { expected: new Set([ANY_POLICY]), parents: NONE }]]),
];

/**
 * §6.1.3 (d) and (e): one certificate further.
 *
 * @param policies of the certificate; undefined without the extension
 * @param anyAllowed whether anyPolicy may stand for the policies of the level above
 */
export function withPolicies(
  graph: PolicyGraph,
  policies: ReadonlySet<string> | undefined,
  anyAllowed: boolean,
): PolicyGraph {
  if (graph === undefined || policies === undefined) return undefined;
  const above = graph[graph.length - 1]!;
  const wanted = expectedBy(above);
  const level: Level = new Map();
  for (const policy of policies) {
    if (policy === ANY_POLICY) continue;
    const parents = wanted.get(policy) ?? (above.has(ANY_POLICY) ? new Set([ANY_POLICY]) : undefined);
    if (parents !== undefined) level.set(policy, { expected: new Set([policy]), parents });
  }
  if (policies.has(ANY_POLICY) && anyAllowed) {
    for (const [policy, parents] of wanted)
      if (!level.has(policy)) level.set(policy, { expected: new Set([policy]), parents });
  }
  return level.size === 0 ? undefined : [...graph, level];
}

/** For each policy that the level expects below it, the nodes that expect it. */
function expectedBy(level: Level): Map<string, Set<string>> {
  const wanted = new Map<string, Set<string>>();
  for (const [policy, { expected }] of level) {
    for (const below of expected) {
      const parents = wanted.get(below);
      if (parents === undefined) wanted.set(below, new Set([policy]));
      else parents.add(policy);
    }
  }
  return wanted;
}

/**
 * §6.1.4 (b): what the authority maps.
 *
 * @param allowed false where mapping is inhibited: then what is mapped is lost
 */
export function withMappings(
  graph: PolicyGraph,
  mappings: ReadonlyMap<string, ReadonlySet<string>>,
  allowed: boolean,
): PolicyGraph {
  if (graph === undefined) return undefined;
  const level: Level = new Map(graph[graph.length - 1]!);
  for (const [policy, expected] of mappings) {
    const node = level.get(policy);
    if (!allowed) level.delete(policy);
    else if (node !== undefined) level.set(policy, { ...node, expected });
    else if (level.has(ANY_POLICY)) level.set(policy, { expected, parents: new Set([ANY_POLICY]) });
  }
  return level.size === 0 ? undefined : [...graph.slice(0, -1), level];
}

/**
 * §6.1.5 (g): the policies, in the words of who asks, under which the last certificate stands.
 *
 * @param initial the user-initial-policy-set; undefined for any
 */
export function resultingPolicies(graph: PolicyGraph, initial: ReadonlySet<string> | undefined): ReadonlySet<string> {
  if (graph === undefined) return NONE;
  const last = graph[graph.length - 1]!;
  const named = new Set<string>();
  let alive: ReadonlySet<string> = new Set(last.keys());
  for (let depth = graph.length - 1; depth > 0; depth--) {
    const level = graph[depth]!;
    const above = new Set<string>();
    for (const policy of alive) {
      const { parents } = level.get(policy)!;
      // Named first under anyPolicy: before anybody mapped it, so in the words of the anchor and of who asks.
      if (policy !== ANY_POLICY && parents.has(ANY_POLICY)) named.add(policy);
      for (const parent of parents) above.add(parent);
    }
    alive = above;
  }
  if (last.has(ANY_POLICY)) return initial ?? new Set([...named, ANY_POLICY]);
  return initial === undefined ? named : new Set([...named].filter((policy) => initial.has(policy)));
}
