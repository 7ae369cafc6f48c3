import { say } from '../say.ts';
import { callDuty, type FindingRow, reissue, scanAgain } from './row.ts';

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
      '请扫描其余的码；文件请连同同名的签名文件（.p7s）一起提交。',
      'Scan the other codes; hand in a file together with the signature file (.p7s) of its name.',
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
    result: 'unknown',
    severity: 'authenticity',
    message: say('图片中没有可读的码。', 'No readable code was found in the picture.'),
    next: say(
      '请靠近、对焦、避免反光后重拍；仍不行请持证人出示原件。',
      'Move closer, focus, avoid glare and take it again; if it still fails, ask for the original.',
    ),
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
  RESOLVED: {
    stage: 'resolve',
    result: 'pass',
    severity: 'notice',
    message: say('已向签发地区查得该证照。', 'The issuing region was asked and gave the document.'),
  },
  RESOLVED_BY_OTHER: {
    stage: 'resolve',
    result: 'note',
    severity: 'notice',
    message: say(
      '签发地区无法联系，依互认约定由代答方给出。',
      'The issuing region could not be reached; another answered for it, as agreed.',
    ),
  },
  NOBODY_TO_ASK: {
    stage: 'resolve',
    result: 'unknown',
    severity: 'authenticity',
    message: say('没有可查询此编号的地区系统。', 'There is no region’s system that may be asked about this.'),
    next: say(
      '请持证人出示带签名的证照码；未写明签发地区的，写明后再查；已写明的，请运维开通对该地区的查询。',
      'Ask the holder for a signed document code; where no issuing region was named, name it and ask again; where one was, the operator has to open the way to it.',
    ),
  },
  ELEMENTS_MISSING: {
    stage: 'resolve',
    result: 'unknown',
    severity: 'authenticity',
    message: say(
      '查询须写明单位、用户、事项名称、事项编码、业务编号，尚缺。',
      'The question has to say authority, account, matter, its code and the case; some are missing.',
    ),
    next: say('请补全后重新查询。', 'Say them, and ask again.'),
  },
  REGION_SILENT: {
    stage: 'resolve',
    result: 'unknown',
    severity: 'authenticity',
    message: say('签发地区暂时没有应答。', 'The issuing region does not answer at the moment.'),
    next: say(
      '请持证人出示带签名的证照码，或人工核对；稍后可重新查询。',
      'Ask for a signed document code or check by hand; ask again later.',
    ),
  },
  REGION_ANSWER_UNUSABLE: {
    stage: 'resolve',
    result: 'unknown',
    severity: 'authenticity',
    message: say('签发地区的应答无法使用。', 'What the issuing region answered cannot be used.'),
    next: callDuty,
  },
  REFERENCE_UNKNOWN: {
    stage: 'resolve',
    result: 'unknown',
    severity: 'authenticity',
    message: say('签发地区称没有此编号的证照。', 'The issuing region says that it has no document under this.'),
    next: say(
      '编号可能已过期或抄错：请刷新后重新出示，或核对编号。',
      'It may be over or miscopied: have it shown anew, or check the number.',
    ),
  },
  ANSWER_FOR_ANOTHER: {
    stage: 'resolve',
    result: 'unknown',
    severity: 'authenticity',
    message: say(
      '签发地区给出的不是所查的证照，内容不予显示。',
      'The issuing region gave another document than was asked for; nothing of it is shown.',
    ),
    next: callDuty,
  },
} as const satisfies Record<string, FindingRow>;
