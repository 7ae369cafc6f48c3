import type { Localized } from './generated/types.ts';

/**
 * 码上加码: a code on top of the code. What all of this is for is that nobody has to fetch one more local code; so nothing that an
 * officer or a holder reads may send anyone to get one. A list of forms finds the usual ways to say it, and no more than that.
 */
const LOCAL_ZH = '本地|当地|属地|本省|本市|本县|本区|我省|我市|所在地|目的地';
const FETCH_ZH = '申领|申请|领取|申报领|注册|办理|换领|补领|转换|下载';
const CODE_ZH = '码(?!头)';
const NAMED = '随申码|苏康码|苏服码|浙江码|健康码|安康码|甬行码|企业码|服务码|亮码|行程码';
const FORBIDDEN: readonly RegExp[] = [
  new RegExp(`(${LOCAL_ZH})[^。；]*${CODE_ZH}`, 'u'),
  new RegExp(`(${FETCH_ZH})[^。；]*${CODE_ZH}`, 'u'),
  new RegExp(`(${FETCH_ZH})[^。；]*(${NAMED})`, 'u'),
  /\b(local|this (region|city|county|province|district)(['’]s)?( own)?)\b[^.;]*\bcodes?\b/i,
  /\b(apply|register|sign up|enrol|download|obtain|fetch|get|request)\b[^.;]*\bcodes?\b/i,
];

export const sendsForLocalCode = ({ zh, en }: Localized): boolean =>
  FORBIDDEN.some((form) => form.test(zh) || form.test(en));
