import type { Localized } from '../../src/document/generated/types.ts';
import type { BundleTrouble } from '../../src/region/bundle.ts';
import type { Lane } from './lanes.ts';

/** Everything the page says itself, Chinese first. What is said of documents comes with the verdict. */
export const WORDS = {
  title: ['卡口核验', 'Checkpoint'],
  ready: ['请扫码', 'Scan a code'],
  readyHint: [
    '对准二维码；也可用扫码枪、粘贴或拖入文件',
    'Point the camera at a code, or use a scanner, paste, or drop a file',
  ],
  camera: ['打开摄像头', 'Camera on'],
  cameraOff: ['关闭摄像头', 'Camera off'],
  cameraNone: [
    '摄像头用不了：请允许使用，或改用扫码枪、选文件',
    'No camera: allow its use, or take a scanner or a file',
  ],
  torch: ['补光灯', 'Torch'],
  farther: ['码太密：请拿远一点，让整个码入框', 'A dense code: move back until all of it is in the frame'],
  file: ['选文件', 'File'],
  type: ['手工输入', 'Type in'],
  typeLabel: ['通行证号、车牌或证件编号', 'Pass number, plate or document number'],
  look: ['核验', 'Verify'],
  compare: ['先比对', 'Compare first'],
  kind: ['证照', 'Document'],
  why: ['依据', 'Why'],
  next: ['下一步', 'Next'],
  caseCode: ['核验编号', 'Case code'],
  stated: ['证照载明状态', 'State on the document'],
  rests: ['依据名单', 'Rests on lists of'],
  offline: ['离线核验', 'Judged offline'],
  online: ['在线', 'Online'],
  noNetwork: ['无网络', 'No network'],
  done: ['如何处置', 'What was done'],
  recorded: ['已记', 'Noted:'],
  correct: ['记错了，更正', 'Wrong: correct it'],
  close: ['关闭', 'Close'],
  more: ['多看 20 秒', '20 seconds more'],
  clears: ['秒后清除', 's until cleared'],
  noDocument: ['不是证码，请对准证码本身', 'Not a document: point at the code itself'],
  unread: ['没有读出来，请再试一次或换一种方式', 'It could not be read: try again, or another way'],
  tooLarge: ['文件太大，不是证照', 'Too large a file to be a document'],
  notKept: [
    '回执存不下，结论未给出：请找管理员',
    'The receipt cannot be kept, so no verdict is given: see your operator',
  ],
  notNoted: ['处置记不下：请找管理员', 'What was done cannot be noted: see your operator'],
  refusedReceipts: ['份回执被网关拒收，请找管理员', 'receipts were refused by the gateway: see your operator'],
  returnedSave: ['存成文件', 'Save to a file'],
  returnedClear: ['文件已交管理员，从本机清除', 'The operator has the file: clear them here'],
  group: ['整组核验', 'One case'],
  groupBegin: ['开始整组核验', 'Begin a case'],
  groupEnd: ['完成', 'Finish'],
  groupDrop: ['放弃本组', 'Drop this case'],
  groupAdded: ['已加入', 'Added'],
  occupants: ['车上人数', 'People in the vehicle'],
  lane: ['车道', 'Lane'],
  laneConfirm: ['确认切换', 'Change'],
  language: ['English', '中文'],
  lists: ['名单', 'Lists'],
  listsOld: ['名单过旧', 'Lists too old'],
  listsNone: [
    '没有名单：请联网一次，或选取管理员给的名单文件',
    'No lists yet: connect once, or choose the file with lists from your operator',
  ],
  listsFile: ['名单文件', 'File with lists'],
  listsTaken: ['名单已更新', 'The lists are up to date now'],
  listsRefused: ['新名单未采用', 'New lists were refused'],
  waiting: ['待上传', 'to send'],
  reference: ['参考联盟 · 非真实证照', 'Reference federation · not real'],
  rehearsal: ['演练', 'Rehearsal'],
  pair: ['登记本设备', 'Register this device'],
  pairHint: ['请扫描管理员给出的登记码，或粘贴登记链接', 'Scan the pairing code from your operator, or paste the link'],
  pairBad: ['登记链接不完整或已失效', 'This pairing link is incomplete or no longer good'],
  cutOff: ['本设备已停用，请找管理员', 'This device was cut off; see your operator'],
  slip: ['给持证人的回单', 'Slip for the holder'],
  slipReason: ['原因', 'Reason'],
  slipAuthority: ['签发机关', 'Issuing authority'],
  slipObject: ['异议途径', 'How to object'],
  slipHere: [
    '向本卡口所属地区或签发机关提出，并出示核验编号。',
    'To this checkpoint’s region or the issuing authority, with the case code.',
  ],
  soundsOn: ['声音 开', 'Sound on'],
  soundsOff: ['声音 关', 'Sound off'],
  bothRegions: ['两地', 'Both regions'],
  asked: ['已向签发地区查询', 'The issuing region was asked'],
  staffed: ['请到人工窗口', 'Please go to the staffed counter'],
  print: ['打印', 'Print'],
  byHand: ['人工放行', 'Let pass by hand'],
  reasonNeeded: ['请写明人工放行的原因（不写姓名、证号、电话）', 'Why it is let pass by hand (no names, no numbers)'],
  challenge: ['出示问询码', 'Show challenge'],
  challengeDrop: ['撤回问询', 'Withdraw the challenge'],
  challengeHint: [
    '请持证人用其应用扫此码，再扫描其当场出示的码',
    'The holder scans this with the app that holds the document; then scan the code it shows',
  ],
  challengeCode: ['问询码', 'The challenge, as a code'],
  challengeOver: ['问询已过时，请重新问询', 'The challenge is over: ask for a new one'],
  challengeUnreached: [
    '网关没有应答，问询无法进行；请重试或照常核验',
    'The gateway does not answer: try again, or verify as usual',
  ],
  answered: ['已当场应答问询', 'It answers the challenge put here'],
  clock: ['本机时钟不准，名单制于', 'This clock is wrong; lists of'],
  partMissing: ['程序不完整，请联网并重新打开本页', 'A part of this page is missing: connect, and open it anew'],
} as const satisfies Readonly<Record<string, readonly [zh: string, en: string]>>;

/** What an officer compares, by the pointers of the catalogue's `compare`. A name is only ever shown masked. */
export const LABELS: Readonly<Record<string, Localized>> = {
  '/holder/name': { zh: '名称', en: 'Name' },
  '/holder/nameMasked': { zh: '姓名', en: 'Name' },
  '/holder/birthDate': { zh: '出生日期', en: 'Born' },
  '/vehicle/plateNo': { zh: '车牌', en: 'Plate' },
  '/route': { zh: '起讫', en: 'Route' },
  '/validity/until': { zh: '有效期至', en: 'Valid until' },
  '/commitments': { zh: '承诺书', en: 'Commitments' },
  '/docId': { zh: '编号', en: 'Number' },
};

export const LANES: readonly Lane[] = [
  { id: 'person', zh: '人行', en: 'People', purpose: 'checkpoint', together: false },
  { id: 'vehicle', zh: '客车', en: 'Vehicles', purpose: 'checkpoint', together: false },
  { id: 'freight', zh: '货车', en: 'Freight', purpose: 'checkpoint', together: true },
  { id: 'counter', zh: '窗口', en: 'Counter', purpose: 'counter', together: false },
];

/** What was done, by the words of the receipt (schemas/disposition.schema.json). */
export const DISPOSITIONS = [
  { action: 'let-pass', zh: '放行', en: 'Let pass' },
  { action: 'turn-back', zh: '劝返', en: 'Turned back' },
  { action: 'hand-over', zh: '移交', en: 'Handed over' },
  { action: 'let-pass-by-hand', zh: '人工放行', en: 'Let pass by hand' },
] as const;

/** Why a bundle is not taken, before anybody's signature is looked at. What signatures say has words of its own. */
export const BUNDLE_WORDS: Readonly<Record<BundleTrouble, Localized>> = {
  'no-bundle': { zh: '收到的不是名单包。', en: 'What came is no bundle of lists.' },
  truncated: { zh: '名单包不完整。', en: 'The bundle of lists is incomplete.' },
  'too-large': { zh: '名单包太大。', en: 'The bundle of lists is too large.' },
  malformed: { zh: '名单包读不懂。', en: 'The bundle of lists cannot be read.' },
  altered: { zh: '名单包被改动过。', en: 'The bundle of lists was altered.' },
  'another-lane': { zh: '名单包是给别处的。', en: 'The bundle of lists is for somewhere else.' },
};
export const OTHER_ROOT: Localized = {
  zh: '名单的根与登记时的不符，请找管理员。',
  en: 'The lists begin with another root than this device was given: see your operator.',
};
export const PART_MISSING: Localized = {
  zh: '程序不完整，请联网并重新打开本页。',
  en: 'A part of this page is missing: connect, and open it anew.',
};
export const UNUSABLE: Localized = { zh: '名单不能用。', en: 'The lists cannot be used.' };
