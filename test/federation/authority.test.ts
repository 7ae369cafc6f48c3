import { describe, expect, it } from 'vitest';
import { nodePlatform } from '../../src/crypto/platform.node.ts';
import type { IssuerRecipeRow } from '../../src/document/generated/types.ts';
import { instantOf } from '../../src/document/time.ts';
import { mintAuthority } from '../../src/federation/authority.node.ts';
import { mintKey } from '../../src/federation/signer.node.ts';
import { buildChains } from '../../src/trust/chain.ts';
import { DAY, NOW } from '../support/federation.ts';
import { REGION, regionOf } from '../trust/authorities.ts';

describe('authorities of our own making', () => {
  const recipe = (change: Partial<IssuerRecipeRow>): IssuerRecipeRow => ({
    name: 'a',
    title: { zh: '甲', en: 'A' },
    algorithm: 'SM2-SM3',
    container: 'authority',
    crl: { issued: instantOf(NOW - DAY), next: instantOf(NOW + DAY) },
    validFrom: instantOf(NOW - DAY),
    validUntil: instantOf(NOW + 10 * DAY),
    ...change,
  });

  it.each(['SM2-SM3', 'ES256', 'ES384', 'EdDSA'] as const)('%s: good, and revoked', (algorithm) => {
    const made = mintAuthority(recipe({ algorithm, unit: 'UT' }));
    const key = mintKey(algorithm);
    const good = made.issue(recipe({ container: 'embedded' }), key);
    const bad = made.issue(recipe({ container: 'embedded', revokedSince: instantOf(NOW - DAY) }), key);
    const { embedded, rejected } = buildChains([regionOf([made.entry], [made.crl()!])], nodePlatform);
    expect(rejected).toEqual([]);
    expect(embedded(REGION, [good]).key!.standing!(NOW)).toEqual([]);
    expect(embedded(REGION, [bad]).key!.standing!(NOW).map(({ code }) => code)).toEqual(['CERTIFICATE_REVOKED']);
    expect(embedded(REGION, [good]).verifier(algorithm)!(Uint8Array.of(1), key.sign(Uint8Array.of(1)))).toBe(true);
  });
});
