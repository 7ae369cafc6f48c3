import { callDuty, type FindingRow, reissue, say, scanAgain } from './row.ts';

/** What opening a document, and asking for it elsewhere, can find. */
export const OPEN = {
  RECOGNISED: {
    stage: 'open',
    result: 'pass',
    severity: 'notice',
    message: say('已识别证照格式。', 'The format was recognised.'),
  },
  NOT_RECOGNISED: {
    stage: 'open',
    result: 'unknown',
    severity: 'authenticity',
    message: say('不是任何成员地区的证照或码。', 'This is no document or code of any member region.'),
    next: say(
      '请确认扫描的是证照码，必要时请持证人出示其他证照。',
      'Make sure a document code was scanned; if needed ask for another document.',
    ),
  },
  AMBIGUOUS_FORMAT: {
    stage: 'open',
    result: 'unknown',
    severity: 'authenticity',
    message: say(
      '有多个格式都能解释这份内容，系统不作猜测。',
      'More than one format claims this content; it is not guessed between them.',
    ),
    next: callDuty,
  },
  SEVERAL_CODES: {
    stage: 'open',
    result: 'unknown',
    severity: 'authenticity',
    message: say('图片或文件中有多个证照。', 'The picture or file holds more than one document.'),
    next: say('请一次只出示一个证照。', 'Show one document at a time.'),
  },
  PARTS_MISSING: {
    stage: 'open',
    result: 'unknown',
    severity: 'authenticity',
    message: say(
      '这份证照分为几部分（几个码，或文件加签名文件），还没有齐。',
      'This document comes in parts (several codes, or a file with a signature file), and not all of them are here.',
    ),
    next: say(
      '请扫描其余的码；文件请连同旁边的签名文件（.p7s）一起提交。',
      'Scan the other codes; hand in a file together with the signature file (.p7s) beside it.',
    ),
  },
  PARTS_MIXED: {
    stage: 'open',
    result: 'fail',
    severity: 'requirement',
    message: say('这些码不属于同一份证照。', 'These codes do not belong to one document.'),
    next: say('请只扫描同一份证照的码。', 'Scan the codes of one document only.'),
  },
  PICTURE_WITHOUT_CODE: {
    stage: 'open',
    result: 'note',
    severity: 'notice',
    message: say('图片中没有可读的码。', 'No readable code was found in the picture.'),
    next: say('请靠近、对焦、避免反光后重拍。', 'Move closer, focus, avoid glare and take it again.'),
  },
  MALFORMED: {
    stage: 'open',
    result: 'fail',
    severity: 'requirement',
    message: say(
      '格式已识别，但内容损坏或不合规范。',
      'The format was recognised, but the content is damaged or breaks its rules.',
    ),
    next: scanAgain,
  },
  LIMIT_EXCEEDED: {
    stage: 'open',
    result: 'fail',
    severity: 'requirement',
    message: say(
      '内容超出允许的大小或层数，未作处理。',
      'The content exceeds the size or depth allowed and was not processed.',
    ),
    next: callDuty,
  },
  REPAIRED: {
    stage: 'open',
    result: 'note',
    severity: 'notice',
    message: say(
      '读取时作了不影响签名的修正。',
      'A small repair was made while reading; the signature is not affected.',
    ),
  },
  FORMAT_RETIRED: {
    stage: 'open',
    result: 'fail',
    severity: 'requirement',
    message: say('该格式版本已停用。', 'This version of the format has been retired.'),
    next: reissue,
  },
  REFERENCE_UNRESOLVED: {
    stage: 'resolve',
    result: 'unknown',
    severity: 'authenticity',
    message: say(
      '这只是一个指向证照的编号，需向签发地区查询。',
      'This only points to a document; the issuing region has to be asked.',
    ),
    next: say(
      '联网后重新查询，或请持证人出示带签名的证照码。',
      'Ask again with a network, or ask for a signed document code.',
    ),
  },
} as const satisfies Record<string, FindingRow>;
