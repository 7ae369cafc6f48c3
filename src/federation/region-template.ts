import type { Localized } from '../document/generated/types.ts';
import { TO_FILL_IN } from './fill-in.ts';

export interface NewRegion {
  readonly id: string;
  /** Where something is not known yet, a mark stands that `region check` finds. */
  readonly name?: Partial<Localized>;
  readonly contact?: string | undefined;
  readonly issues: readonly string[];
}

/**
 * A pack that works and that everything can be filled into: who the region is, a code list, one format (a vehicle pass as
 * a signed line of fields), the recipes of its signers, of what it has revoked and of three samples, and no agreements yet.
 * Out: file in the pack → content.
 */
export function newPack({ id, name = {}, contact = TO_FILL_IN, issues }: NewRegion): Map<string, string> {
  const slug = id.replace(/^x-/, '').replaceAll(/[^a-z0-9]/g, '');
  const format = `p${slug}-pass/1`;
  const list = `p${slug}-pass-state`;
  const code = /^\d{6}$/.test(id) ? id : '310000';
  const files: Record<string, unknown> = {
    'region.json': {
      region: id,
      name: { zh: name.zh ?? TO_FILL_IN, en: name.en ?? TO_FILL_IN },
      issues: [...new Set([...issues, 'vehicle-pass'])],
      contact,
      objections: { zh: '向签发机关提出异议。', en: 'Object to the issuing authority.' },
    },
    'agreements.json': { agreements: [], excluded: [] },
    'codes/pass-state.json': {
      list,
      version: 1,
      name: { zh: '通行证状态', en: 'Pass states' },
      scheme: 'licence',
      codes: [
        { raw: '10', shared: 'valid', name: { zh: '有效', en: 'valid' } },
        { raw: '03', shared: 'cancelled', name: { zh: '已注销', en: 'cancelled' } },
      ],
    },
    'formats/pass-1.json': formatOf(format, list, `P${slug.toUpperCase()}:`),
    'issuers/samples.recipe.json': {
      issuers: [
        {
          name: 'pass',
          title: { zh: '通行证签发方', en: 'Signer of passes' },
          algorithm: 'SM2-SM3',
          container: 'jwk',
          keyId: `p${slug}-1`,
          documentTypes: ['vehicle-pass'],
          validFrom: '@-90d',
          validUntil: '@+365d',
        },
      ],
    },
    'revocations/samples.recipe.json': {
      issued: '@-1h',
      revoked: [{ id: `${slug}-revoked-77d0b1f3c2a94e5896f20d4ab85c13e7`, since: '@-1d', reasonCode: 'vehicle-sold' }],
    },
  };
  const sample = sampleOf(id, code, slug, format);
  files['samples/pass.recipe.json'] = sample('pass', ['有效', 'good'], '9d41c07be25a4f6f8a1327c0e5b96d84', {
    outcome: 'accept',
  });
  files['samples/pass-revoked.recipe.json'] = sample(
    'pass-revoked',
    ['已撤销', 'revoked'],
    'revoked-77d0b1f3c2a94e5896f20d4ab85c13e7',
    {
      outcome: 'refuse',
      reasons: ['REVOKED'],
    },
  );
  files['samples/pass-altered.recipe.json'] = {
    ...sample('pass-altered', ['内容被改', 'altered'], '1b8e63f0a4d7452c9e06d835f17ab240', {
      outcome: 'refuse',
      reasons: ['SIGNATURE_INVALID'],
    }),
    change: 'alter-payload',
  };
  return new Map(Object.entries(files).map(([file, content]) => [file, `${JSON.stringify(content, undefined, 2)}\n`]));
}

const formatOf = (format: string, list: string, prefix: string): object => ({
  format,
  title: { zh: '车辆通行证', en: 'Vehicle pass' },
  recognise: { prefix },
  transport: ['base64url', 'deflate'],
  envelope: {
    type: 'signed-text',
    algorithms: ['SM2-SM3'],
    bare: { separator: '|', form: 'raw', bytes: 64 },
    keyFrom: ['/kid'],
  },
  payload: 'delimited',
  layout: {
    delimited: {
      separator: '|',
      fields: ['no', 'rid', 'plate', 'colour', 'from', 'to', 'goods', 'state', 'iat', 'until', 'kid'],
    },
  },
  documentType: 'vehicle-pass',
  map: [
    { to: '/docId', from: '/no' },
    { to: '/revocationId', from: '/rid' },
    { to: '/holder/kind', value: 'vehicle' },
    { to: '/vehicle/plateNo', from: '/plate', as: { identifier: 'plate' } },
    { to: '/vehicle/plateColor', from: '/colour', optional: true },
    { to: '/route/from', from: '/from' },
    { to: '/route/to', from: '/to' },
    { to: '/goods/kind', from: '/goods', optional: true },
    { to: '/status/canonical', from: '/state', as: { codes: list } },
    { to: '/status/raw', from: '/state' },
    { to: '/status/rawScheme', value: list },
    { to: '/validity/issuedAt', from: '/iat', as: 'compact-time' },
    { to: '/validity/until', from: '/until', as: 'compact-day' },
  ],
  absent: ['/crew', '/commitments', '/faceFields', '/usage', '/presentation'],
});

/** Judged for the region itself, which needs no agreement with itself. */
const sampleOf =
  (id: string, code: string, slug: string, format: string) =>
  (name: string, [zh, en]: readonly [string, string], rid: string, expect: object): object => ({
    name,
    title: { zh: `车辆通行证，${zh}`, en: `Vehicle pass, ${en}` },
    format,
    signer: 'pass',
    document: {
      docType: { code: 'vehicle-pass', family: 'pass' },
      docId: `${code}000016`,
      revocationId: `${slug}-${rid}`,
      issuer: { region: id },
      holder: { kind: 'vehicle' },
      validity: { issuedAt: '@-2d', until: '@+20d/day' },
      status: { canonical: 'valid', raw: '10', rawScheme: `p${slug}-pass-state` },
      vehicle: { plateNo: '赣A12345', plateColor: '2' },
      route: { from: code, to: '310115' },
    },
    expect: { ...expect, for: id },
  });
