import { say } from '../say.ts';
import { callDuty, type FindingRow } from './row.ts';

const compareCards = say(
  '请用身份证件原件逐人核对，确认为同一人。',
  'Compare with the identity cards, person by person, that it is the same holder.',
);
const askTogether = say(
  '请出示属于同一事项的证照，一并重新核验。',
  'Ask for the documents that belong together, and verify them together again.',
);
const oneCase = say(
  '请只提交同一事项的证照，其余另行核验。',
  'Hand in only what belongs to one case, and verify the rest by itself.',
);

/** What looking at several documents together can find. How each fared is in its own verdict. */
export const GROUP = {
  MEMBERS_ACCEPTED: row('pass', '每份证照均被认可。', 'Every document is accepted by itself.'),
  MEMBER_REFUSED: row('fail', '其中有证照不予认可。', 'One of the documents is not accepted.', callDuty),
  MEMBER_UNDETERMINED: row(
    'unknown',
    '其中有证照无法判定。',
    'One of the documents cannot be told good or bad.',
    say('请先对该份证照人工核对。', 'Check that document by hand first.'),
  ),
  MEMBER_CONDITIONAL: row(
    'open',
    '其中有证照须先完成所列核对。',
    'One of the documents is accepted once its own check is done.',
    say('请完成该份证照所列的核对。', 'Do the check that the document itself names.'),
  ),
  COMPOSITION_FOUND: row('pass', '这些证照属于同一类事项。', 'Together they are a case that this region knows.'),
  COMPOSITION_UNKNOWN: row(
    'unknown',
    '这些证照合在一起不是本地区已知的任何组合。',
    'Together they are no case that this region knows.',
    oneCase,
  ),
  COMPOSITION_UNCLEAR: row(
    'unknown',
    '这些证照可属于几种组合，无法确定是哪一种。',
    'They could be several kinds of case; which one is not clear.',
    say('请指明组合，或补交所缺证照。', 'Say which case it is, or ask for the documents that are missing.'),
  ),
  COMPOSITIONS_UNREADABLE: row(
    'unknown',
    '组合规定无法读取，不能确认证照是否齐全。',
    'What makes a case could not be read; whether the documents are complete cannot be told.',
    callDuty,
  ),
  MEMBER_WITHOUT_ROLE: row(
    'unknown',
    '其中有证照不属于任何组合。',
    'One of the documents belongs to no kind of case.',
    oneCase,
  ),
  ROLE_MISSING: row(
    'fail',
    '缺少应一并出示的证照。',
    'A document that must be shown with them is missing.',
    askTogether,
  ),
  ROLE_UNREAD: row(
    'unknown',
    '有证照未能读出，不能确认证照是否齐全。',
    'One of the documents could not be read; whether they are complete cannot be told.',
    askTogether,
  ),
  ROLE_FULL: row('fail', '同类证照多于允许的份数。', 'There are more documents of one kind than a case has.', oneCase),
  ROLE_MISMATCH: row(
    'fail',
    '有证照不是所称的用途应有的种类。',
    'One of the documents is not of the kind that it was given for.',
    askTogether,
  ),
  ROLE_UNCLEAR: row(
    'unknown',
    '有证照可作几种用途，无法确定是哪一种。',
    'One of the documents could stand for several things; which one is not clear.',
    say('请指明该份证照的用途。', 'Say what that document is given for.'),
  ),
  DUPLICATE_MEMBER: {
    ...row(
      'note',
      '同一份证照提交了不止一次，只计一次。',
      'The same document was given more than once; it counts once.',
    ),
    severity: 'notice',
  },
  MEMBER_IN_TWO_ROLES: row(
    'fail',
    '同一份证照被用于两种用途。',
    'One document was given for two different things.',
    askTogether,
  ),
  NOT_COMPARED: {
    ...row('skipped', '有证照未被认可，未作比对。', 'One of the documents is not accepted, and was not compared.'),
    severity: 'notice',
  },
  HOLDERS_AGREE: row('pass', '证照属于同一人。', 'The documents are of the same person.'),
  HOLDERS_DIFFER: row('fail', '证照不属于同一人。', 'The documents are of different people.', callDuty),
  HOLDERS_TO_COMPARE: row(
    'open',
    '证照本身不能说明是否同一人。',
    'The documents alone do not tell whether it is the same person.',
    compareCards,
  ),
  PLATES_AGREE: row('pass', '车牌号一致。', 'The plates agree.'),
  PLATES_DIFFER: row('fail', '车牌号不一致。', 'The plates differ.', callDuty),
  PLATES_TO_COMPARE: row(
    'open',
    '有证照未载明车牌号。',
    'One of the documents does not state the plate.',
    say('请将车牌与实车及各证照核对。', 'Compare the plate with the vehicle and with each document.'),
  ),
  ROUTES_AGREE: row('pass', '线路一致。', 'The route is covered.'),
  ROUTES_DIFFER: row('fail', '线路不在通行证范围内。', 'The route is not covered by the pass.', callDuty),
  ROUTES_TO_COMPARE: row(
    'open',
    '证照本身不能说明线路是否一致。',
    'The documents alone do not tell whether the route is covered.',
    say('请将起讫地与通行证核对。', 'Compare the places of departure and destination with the pass.'),
  ),
  COMMITMENTS_AGREE: row('pass', '承诺书与通行证所载一致。', 'The commitment is the one that the pass names.'),
  COMMITMENTS_DIFFER: row(
    'fail',
    '承诺书不是通行证所载的那一份。',
    'The commitment is not the one that the pass names.',
    askTogether,
  ),
  COMMITMENTS_TO_COMPARE: row(
    'open',
    '通行证未载明承诺书编号。',
    'The pass does not name the commitment.',
    say('请人工核对承诺书与通行证是否对应。', 'Compare by hand that the commitment goes with the pass.'),
  ),
  ENTRIES_AGREE: row('pass', '所载内容一致。', 'What they state agrees.'),
  ENTRIES_DIFFER: row('fail', '所载内容不一致。', 'What they state differs.', callDuty),
  ENTRIES_TO_COMPARE: row(
    'open',
    '有证照未载明该项内容。',
    'One of the documents does not state it.',
    say('请人工核对该项内容。', 'Compare this entry by hand.'),
  ),
  PEOPLE_NAMED: row('pass', '车上人员均有证照。', 'Everybody in the vehicle is named by a document.'),
  PEOPLE_WITHOUT_PASS: row(
    'fail',
    '车上人数多于持证人数：车辆不得搭载无证人员。',
    'There are more people in the vehicle than the documents name: it may carry nobody without a pass.',
    say('请无证人员出示通行证，或下车。', 'Those without a pass must show one, or leave the vehicle.'),
  ),
  PEOPLE_TO_COUNT: row(
    'open',
    '须清点车上人数，逐人核对证照。',
    'The people in the vehicle must be counted and compared with the documents.',
    say('请清点车上人数，确认人人有证。', 'Count the people in the vehicle, and see that each has a pass.'),
  ),
} as const satisfies Record<string, FindingRow>;

/** All of them ask of the documents together what the verifying region asks; what proves a forgery is in a member's own verdict. */
function row(result: FindingRow['result'], zh: string, en: string, next?: FindingRow['next']): FindingRow {
  const told = { stage: 'group', result, severity: 'requirement', message: say(zh, en) } as const;
  return next === undefined ? told : { ...told, next };
}
