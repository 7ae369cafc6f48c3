import { beforeAll, describe, expect, it } from 'vitest';
import type { Evidence } from '../../src/document/generated/types.ts';
import { keyRow, keyringOf, useGateway } from './harness.ts';
import { send, signedCall, signerOf } from './signed.ts';

const h = useGateway();
const desk = keyRow({ id: 'desk', scopes: ['exchange'], purposes: ['exchange', 'counter', 'checkpoint'] });
const lane = keyRow({ id: 'lane', scopes: ['verify'] });
beforeAll(() => {
  h.keyring = keyringOf(desk.row, lane.row);
});

const asked = (query: string, headers: Readonly<Record<string, string>> = desk.headers) =>
  h.call('GET', `/v1/evidence${query}`, { headers });
const evidence = async (query: string): Promise<Evidence> => {
  const { status, json } = await asked(query);
  expect(status).toBe(200);
  return json;
};
const typesOf = ({ types }: Evidence) => types.map(({ documentType }) => documentType);
const othersOf = ({ others }: Evidence) => Object.fromEntries(others.map((each) => [each.documentType, each.because]));

describe('GET /v1/evidence', () => {
  it('names the types that the asking region recognises, and what they rest on', async () => {
    const said = await evidence('?proves=residence&region=330000&purpose=exchange');
    expect([said.for, said.region, said.purpose, said.proves.name.zh]).toEqual([
      '310000',
      '330000',
      'exchange',
      '居住',
    ]);
    expect(typesOf(said)).toEqual(['id-card']);
    expect(said.types[0]).toMatchObject({ agreements: [{ formats: ['zj-paper/1'] }], askedBy: [] });
    expect(othersOf(said)).toEqual({ 'residence-permit': 'not-issued' });
  });

  it('says so where nothing of a region proves it', async () => {
    const said = await evidence('?proves=residence&region=340000&purpose=exchange');
    expect(typesOf(said)).toEqual([]);
    expect(othersOf(said)).toEqual({ 'id-card': 'not-issued', 'residence-permit': 'not-issued' });
  });

  it('says by what the issuing region can be asked', async () => {
    const said = await evidence('?proves=passage&region=340000&purpose=exchange&for=330000');
    expect(said.types).toMatchObject([{ documentType: 'freight-pass', askedBy: ['plate'] }]);
    const licence = await evidence('?proves=road-transport&region=340000&purpose=exchange&for=330000');
    expect(licence.types).toMatchObject([{ documentType: 'road-transport-certificate', askedBy: ['cardNumber'] }]);
    // Zhejiang lists no way to ask for it: its holder shows it.
    const pass = await evidence('?proves=passage&region=330000&purpose=exchange&for=310000');
    expect(pass.types).toMatchObject([
      { documentType: 'vehicle-pass', askedBy: [] },
      { documentType: 'freight-pass', askedBy: [] },
    ]);
  });

  it('goes by the purpose: what is agreed for one is not agreed for another', async () => {
    const query = '?proves=passage&region=340000&for=330000';
    expect(othersOf(await evidence(`${query}&purpose=counter`))['freight-pass']).toBe('not-agreed');
    // The gateway's own purpose, checkpoint.
    expect(typesOf(await evidence(query))).toEqual(['freight-pass']);
  });

  it('passes on what the officer has to do', async () => {
    const said = await evidence('?proves=passage&region=000000&purpose=checkpoint');
    expect(said.types[0]!.agreements[0]!.requires![0]!.zh).toContain('一车一证一线路');
  });

  it('needs no agreement for a region’s own documents', async () => {
    const said = await evidence('?proves=business-registration&region=310000&purpose=exchange');
    expect(said.types).toMatchObject([{ documentType: 'business-licence', agreements: [], askedBy: ['cardNumber'] }]);
  });

  it('is asked for the region of the system that asks', async () => {
    const path = '/v1/evidence?proves=passage&region=340000&purpose=exchange';
    const { status, json } = await send(
      h,
      await signedCall(h, signerOf(h, '330000/kiosk-1'), { method: 'GET', path, now: h.clock() }),
    );
    expect([status, json.for]).toEqual([200, '330000']);
  });

  it.each<[string, string, number, string]>([
    ['what no catalogue knows', '?proves=wealth&region=340000', 400, 'invalid-query'],
    ['no requirement', '?region=340000', 400, 'invalid-query'],
    ['no region', '?proves=residence', 400, 'invalid-query'],
    ['a region that is none', '?proves=residence&region=990000', 400, 'unknown-region'],
    ['for a region that is none', '?proves=residence&region=340000&for=990000', 400, 'unknown-region'],
    ['for what is no region at all', '?proves=residence&region=340000&for=%00', 400, 'invalid-query'],
    ['a purpose that no catalogue has', '?proves=residence&region=340000&purpose=credit', 400, 'unknown-purpose'],
    ['a purpose of others', '?proves=residence&region=340000&purpose=hotel', 403, 'forbidden-ask'],
    ['one thing more', '?proves=residence&region=340000&name=x', 400, 'invalid-query'],
  ])('takes no question with %s', async (_, query, status, code) => {
    const answer = await asked(query);
    expect([answer.status, answer.json.type]).toEqual([status, `urn:tongren:problem:${code}`]);
  });

  it('tells what can be asked for', async () => {
    const { json } = await asked('?proves=wealth&region=340000');
    expect(json.allowed).toEqual(h.federation.catalogue.requirements!.map(({ code }) => code));
  });

  it('needs the scope exchange', async () => {
    expect((await asked('?proves=residence&region=340000', lane.headers)).status).toBe(403);
  });
});
