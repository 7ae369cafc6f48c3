import { beforeEach, expect, it } from 'vitest';
import { startPictureReader } from '../../src/codec/picture.node.ts';
import { keyToJwk } from '../../src/crypto/keys.ts';
import type { OpenedChallenge, SharedDocument } from '../../src/document/generated/types.ts';
import { instantOf } from '../../src/document/time.ts';
import { mintKey, signerOf } from '../../src/federation/signer.node.ts';
import { federation, issuersOf } from '../support/federation.ts';
import { context, openPage, page, pair, paste, station, useStation } from './page.ts';
import { axeSource, PICTURES } from './station.ts';

/** A holder's app: its key is one of 330000's, and it answers whatever it scans. */
const key = mintKey('SM2-SM3');
const entry = { keyId: 'app', jwk: { ...keyToJwk(key.publicKey) }, documentTypes: ['health-code'] };
const format = federation.formats.find(({ id }) => id === 'zj-code/1')!;
let made = 0;

function answering({ audience, nonce, purpose }: OpenedChallenge): string {
  const now = Date.now();
  const onceId = `ZJ-answer-${String(made++).padStart(12, '0')}`;
  const document = {
    docType: { code: 'health-code', family: 'code' },
    docId: onceId,
    revocationId: onceId,
    issuer: { region: '330000', orgCode: '11330000MB0000000H' },
    holder: { kind: 'person', idRef: 'p-1', nameMasked: '张*' },
    validity: { issuedAt: instantOf(now), until: instantOf(now + 60_000) },
    status: { canonical: 'green', raw: 'green', rawScheme: 'zj-health-colour' },
    presentation: { onceId, audience, nonce, purpose },
  };
  return format.write(document as SharedDocument, signerOf(key, 'app')).wire as string;
}

useStation((now) => ({ 'regions/330000/issuers/test.json': issuersOf([entry as never], now) }));

beforeEach(async () => {
  await openPage();
  await pair({ id: `desk-${made++}` });
});

const put = () => page.getByRole('button', { name: '出示问询码', exact: true });

/** As the holder's app reads it from the officer's screen. */
async function scanned(): Promise<OpenedChallenge> {
  const picture = await page.locator('.challenge svg').screenshot();
  const reader = await startPictureReader();
  try {
    const [code] = await reader.read(new Uint8Array(picture));
    return JSON.parse(code!.text) as OpenedChallenge;
  } finally {
    await reader.close();
  }
}

it('a challenge is put on the screen, answered by an app that scans it, and its answer is good once', async () => {
  await put().click();
  const challenge = await scanned();
  expect(challenge).toMatchObject({ audience: '310000/G2-01', region: '310000', purpose: 'checkpoint' });
  await page.evaluate(axeSource());
  const { violations } = (await page.evaluate('axe.run()')) as { violations: { impact: string; id: string }[] };
  expect(violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')).toEqual([]);
  await page.screenshot({ path: `${PICTURES}/challenge-zh.png` });

  const answer = answering(challenge);
  await paste(answer);
  await expect.poll(() => page.locator('.outcome').textContent()).toContain('认可');
  expect(await page.locator('.outcome').textContent()).not.toContain('不予认可');
  expect(await page.locator('.facts').textContent()).toContain('已当场应答问询');
  await page.getByRole('button', { name: '关闭' }).click();
  expect(await page.locator('.challenge').count()).toBe(0);

  // Somebody else's challenge is not answered by it.
  await put().click();
  await page.locator('.challenge svg').waitFor();
  await paste(answer);
  await expect.poll(() => page.locator('.outcome').textContent()).toContain('不予认可');
});

it('a code that answers nothing is refused while one is open; a notice is all that what is no document gets', async () => {
  await put().click();
  await page.locator('.challenge svg').waitFor();
  await paste('https://poster.example/');
  await expect.poll(() => page.locator('.notice').textContent()).not.toBe('');
  expect(await page.locator('.challenge').count()).toBe(1);
  await paste(station.wire('330000', 'code-green'));
  await expect.poll(() => page.locator('.outcome').textContent()).toContain('不予认可');
});

it('without the gateway there is no challenge to be had, and nothing is said of an answer', async () => {
  await put().click();
  const challenge = await scanned();
  await context.route(/\/v1\/verify/, (route) => route.abort());
  await paste(answering(challenge));
  await expect.poll(() => page.locator('.notice').textContent()).toContain('网关没有应答');
  expect([await page.locator('.outcome').count(), await page.locator('.challenge').count()]).toEqual([0, 1]);
  await context.unroute(/\/v1\/verify/);
  await page.getByRole('button', { name: '撤回问询' }).click();
  await context.setOffline(true);
  await expect.poll(() => put().count()).toBe(0);
});

it('in English, and where two regions judge there is none', async () => {
  await page.getByRole('button', { name: 'English' }).click();
  await page.getByRole('button', { name: 'Show challenge', exact: true }).click();
  await page.locator('.challenge svg').waitFor();
  await page.screenshot({ path: `${PICTURES}/challenge-en.png` });
  await page.goto('about:blank');
  await page.goto(await station.pair({ id: 'both', more: ['--also', '330000'] }));
  await page.locator('.scan h1').waitFor();
  expect(await page.getByRole('button', { name: 'Show challenge', exact: true }).count()).toBe(0);
});
