import { say } from '../say.ts';
import type { FindingRow } from './row.ts';

const showAnew = say(
  '请持证人当场刷新后重新出示；可能是截图或转发。',
  'Have the holder make a fresh one here and now: this may be a picture, or passed on.',
);
const askAnew = say(
  '请重新生成问询码，由持证人当场扫描后出示。',
  'Make a new challenge, and have the holder scan it here and show the answer.',
);

/** What asking how a document was shown (亮证) can find. */
export const PRESENT = {
  CODE_LIVES_TOO_LONG: {
    stage: 'judge',
    result: 'fail',
    severity: 'requirement',
    message: say(
      '此证码自称的有效时间超过同类证码的上限。',
      'It claims to live longer than documents of its kind may.',
    ),
    next: showAnew,
  },
  AUDIENCE_MISMATCH: {
    stage: 'judge',
    result: 'fail',
    severity: 'requirement',
    message: say('此码是出示给别处的，不是给本处的。', 'It was made to be shown to somebody else.'),
    next: showAnew,
  },
  PURPOSE_MISMATCH: {
    stage: 'judge',
    result: 'fail',
    severity: 'requirement',
    message: say('此码是为别的用途出示的。', 'It was made to be shown for another purpose.'),
    next: showAnew,
  },
  NONCE_MISMATCH: {
    stage: 'judge',
    result: 'fail',
    severity: 'requirement',
    message: say(
      '此码须当场应答本处的问询，而未应答：可能是截图或转发。',
      'It has to answer a challenge made here and now, and does not: it may be a picture, or passed on.',
    ),
    next: askAnew,
  },
  ANSWER_MISMATCH: {
    stage: 'resolve',
    result: 'unknown',
    severity: 'authenticity',
    message: say(
      '签发地区的应答不是对本次查询的应答。',
      'What the issuing region answered is no answer to this question.',
    ),
    next: say(
      '请重新查询；仍如此请报告值班负责人。',
      'Ask again; if it stays so, report to the duty officer in charge.',
    ),
  },
  CHALLENGE_NOT_OPEN: {
    stage: 'judge',
    result: 'fail',
    severity: 'requirement',
    message: say('本处没有发出这一问询，或问询已过期。', 'No such challenge was made here, or its time is over.'),
    next: askAnew,
  },
  CHALLENGE_USED: {
    stage: 'judge',
    result: 'fail',
    severity: 'requirement',
    message: say('本次问询已由另一份证码应答。', 'Another document has answered this challenge before.'),
    next: askAnew,
  },
  CHALLENGE_MET: {
    stage: 'judge',
    result: 'pass',
    severity: 'requirement',
    message: say('是对本次问询的当场应答。', 'It answers this challenge, here and now.'),
  },
  PAPER_REFUSED: {
    stage: 'judge',
    result: 'fail',
    severity: 'requirement',
    message: say(
      '此类证码须在手机上当场出示，纸质件无效。',
      'Codes of this kind are shown live on a phone; a printed one does not count.',
    ),
    next: say(
      '请持证人在手机上出示；没有手机的，请出示供打印的码或身份证原件。',
      'Have it shown on a phone; without one, ask for a code made to be printed, or the identity card itself.',
    ),
  },
  SCREEN_REFUSED: {
    stage: 'judge',
    result: 'fail',
    severity: 'requirement',
    message: say('此类证照须出示纸质件。', 'Documents of this kind are shown on paper.'),
    next: say('请持证人出示纸质原件。', 'Ask for the document on paper.'),
  },
  IDENTITY_CHECK_NEEDED: {
    stage: 'judge',
    result: 'open',
    severity: 'requirement',
    message: say(
      '这样出示不足以确认是本人，须核对身份证。',
      'Shown like this it does not prove who holds it: the identity card has to be checked.',
    ),
    next: say(
      '请查验居民身份证原件，并与本人及所示姓名核对；一致的可认可。',
      'Check the identity card itself against the person and the name shown; accept if they agree.',
    ),
  },
  /** As long as nobody has asked the memory of one-time codes: offline, or where the time was stated. */
  REPLAY_UNCHECKED: {
    stage: 'judge',
    result: 'open',
    severity: 'requirement',
    message: say(
      '此码只能出示一次，未能核对是否已在别处出示。',
      'This code may be shown once; whether it was shown elsewhere was not checked.',
    ),
    next: say(
      '请将本人与身份证照片、所示姓名比对；一致的可认可。',
      'Compare the person with the face on the identity card, and the name; accept if they agree.',
    ),
  },
  REPLAY_CHECKED: {
    stage: 'judge',
    result: 'pass',
    severity: 'requirement',
    message: say('此码未在别处出示过。', 'This code was not shown anywhere else before.'),
  },
  REPLAYED: {
    stage: 'judge',
    result: 'fail',
    severity: 'requirement',
    message: say(
      '此码只能出示一次，已在别处出示过。',
      'This code may be shown once, and it was shown somewhere else before.',
    ),
    next: showAnew,
  },
} as const satisfies Record<string, FindingRow>;
