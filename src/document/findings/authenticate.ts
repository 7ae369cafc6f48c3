import { say } from '../say.ts';
import { askIssuer, callDuty, type FindingRow, refresh, reissue } from './row.ts';

/** What asking who signed a document can find. */
export const AUTHENTICATE = {
  SIGNATURE_VALID: {
    stage: 'authenticate',
    result: 'pass',
    severity: 'proof',
    message: say('签名有效，由可信的签发方作出。', 'The signature is good and made by a trusted issuer.'),
  },
  SIGNATURE_INVALID: {
    stage: 'authenticate',
    result: 'fail',
    severity: 'proof',
    message: say(
      '签名不符：内容被改动，或不是所称的签发方作出。',
      'The signature does not match: the content was altered, or another key made it.',
    ),
    next: say('不予认可，按规定处置。', 'Do not accept; proceed as the rules say.'),
  },
  NOT_SIGNED: {
    stage: 'authenticate',
    result: 'unknown',
    severity: 'authenticity',
    message: say(
      '文件上没有签名或电子印章，无法确认真伪。',
      'It carries no signature or seal; whether it is real cannot be told.',
    ),
    next: askIssuer,
  },
  CONTENT_INTACT: {
    stage: 'authenticate',
    result: 'pass',
    severity: 'proof',
    message: say('文件各部分均与盖章时一致。', 'Every part of it is as it was when it was sealed.'),
  },
  TAMPERED_CONTENT: {
    stage: 'authenticate',
    result: 'fail',
    severity: 'proof',
    message: say('盖章之后内容被改动。', 'The content was altered after it was sealed.'),
    next: say('不予认可，按规定处置。', 'Do not accept; proceed as the rules say.'),
  },
  UNSIGNED_PART: {
    stage: 'authenticate',
    result: 'fail',
    severity: 'requirement',
    message: say('文件中有不在签名范围内的部分。', 'A part of it is covered by no signature.'),
    next: reissue,
  },
  SEAL_VALID: {
    stage: 'authenticate',
    result: 'pass',
    severity: 'proof',
    message: say(
      '电子印章有效，由可信的制章方制作，签章人有权使用。',
      'The electronic seal is good: a trusted maker made it, and the signer may use it.',
    ),
  },
  SEAL_INVALID: {
    stage: 'authenticate',
    result: 'fail',
    severity: 'proof',
    message: say(
      '电子印章不符：不是所称的制章方制作，或被替换。',
      'The electronic seal is not the one that its maker made.',
    ),
    next: say('不予认可，按规定处置。', 'Do not accept; proceed as the rules say.'),
  },
  CERT_NOT_IN_SEAL: {
    stage: 'authenticate',
    result: 'fail',
    severity: 'proof',
    message: say('签章人不在该电子印章的使用人名单中。', 'The signer is not among those who may use this seal.'),
    next: say('不予认可，按规定处置。', 'Do not accept; proceed as the rules say.'),
  },
  SIGNED_AFTER_EXPIRY: {
    stage: 'authenticate',
    result: 'fail',
    severity: 'requirement',
    message: say(
      '盖章时，电子印章或签章证书不在有效期内。',
      'The seal, or the certificate of the signer, was outside its validity when the document was sealed.',
    ),
    next: reissue,
  },
  UNKNOWN_ISSUER: {
    stage: 'authenticate',
    result: 'unknown',
    severity: 'authenticity',
    message: say(
      '签发方不在可信名单中，无法确认真伪。',
      'The issuer is in no trusted list; whether it is real cannot be told.',
    ),
    next: askIssuer,
  },
  ALGORITHM_NOT_ALLOWED: {
    stage: 'authenticate',
    result: 'fail',
    severity: 'requirement',
    message: say('签名算法不是该格式允许的算法。', 'The signature algorithm is not one this format allows.'),
    next: callDuty,
  },
  HEADER_NOT_ALLOWED: {
    stage: 'authenticate',
    result: 'fail',
    severity: 'requirement',
    message: say(
      '签名头含有本系统不认识而又必须理解的内容。',
      'The signature header demands something this gateway does not understand.',
    ),
    next: callDuty,
  },
  ENVIRONMENT_MISMATCH: {
    stage: 'authenticate',
    result: 'fail',
    severity: 'requirement',
    message: say(
      '这是演练或示范环境签发的证照，在本环境无效。',
      'It was issued in another environment (rehearsal or reference) and is not good in this one.',
    ),
    next: callDuty,
  },
  KEY_USAGE_MISMATCH: {
    stage: 'authenticate',
    result: 'fail',
    severity: 'requirement',
    message: say('该签发密钥无权签发这类证照。', 'This key may not sign documents of this type.'),
    next: callDuty,
  },
  ISSUER_MISMATCH: {
    stage: 'authenticate',
    result: 'fail',
    severity: 'proof',
    message: say(
      '证照自称的签发地与签名密钥所属不一致。',
      'The document names another issuer than the key that signed it.',
    ),
    next: callDuty,
  },
  KEY_NOT_VALID_WHEN_SIGNED: {
    stage: 'authenticate',
    result: 'fail',
    severity: 'requirement',
    message: say('签发时签名密钥不在有效期内。', 'The key was outside its validity when the document was signed.'),
    next: reissue,
  },
  KEY_EXPIRED: {
    stage: 'authenticate',
    result: 'fail',
    severity: 'requirement',
    message: say('签名密钥的证书已过期。', 'The certificate of the signing key has expired.'),
    next: reissue,
  },
  CHAIN_INVALID: {
    stage: 'authenticate',
    result: 'fail',
    severity: 'requirement',
    message: say(
      '随附的签名证书不是由所称的机构合规签发。',
      'The certificate that came with the document was not properly issued by the authority it names.',
    ),
    next: callDuty,
  },
  CERTIFICATE_REVOKED: {
    stage: 'authenticate',
    result: 'fail',
    severity: 'proof',
    message: say('签名证书已被其签发机构吊销。', 'The certificate of the signing key was revoked by its authority.'),
    next: reissue,
  },
  CERTIFICATE_STATUS_UNKNOWN: {
    stage: 'authenticate',
    result: 'unknown',
    severity: 'authenticity',
    message: say(
      '没有现行的证书吊销列表或状态应答，无法确认签名证书是否已被吊销。',
      'No current list of revoked certificates and no answer speaks of it; whether the signing certificate was revoked cannot be told.',
    ),
    next: refresh,
  },
  KEY_REMOVED: {
    stage: 'authenticate',
    result: 'fail',
    severity: 'requirement',
    message: say('签发地区已停用该签名密钥。', 'The issuing region has withdrawn the signing key.'),
    next: reissue,
  },
  KEY_COMPROMISED: {
    stage: 'authenticate',
    result: 'unknown',
    severity: 'authenticity',
    message: say(
      '该签名密钥已泄露，无法证明证照在泄露前签发。',
      'The signing key was compromised; nothing proves the document is older than that.',
    ),
    next: say(
      '请按无法判定处理：人工核对，或联系签发地区核实；持证人可向签发机关申请换发。',
      'Treat as "cannot tell": check by hand, or ask the issuing region; the holder can ask the issuing authority for a new one.',
    ),
  },
  SIGNED_BEFORE_COMPROMISE: {
    stage: 'authenticate',
    result: 'pass',
    severity: 'requirement',
    message: say(
      '签名密钥后来泄露，但有可信依据证明证照在泄露之前签发。',
      'The signing key was compromised later; there is proof that the document is older than that.',
    ),
  },
  TRUST_STALE: {
    stage: 'authenticate',
    result: 'unknown',
    severity: 'authenticity',
    message: say('签发方名单已过期，不能据此认可。', 'The list of issuers is too old to accept anything by it.'),
    next: refresh,
  },
  TRUST_AGEING: {
    stage: 'authenticate',
    result: 'note',
    severity: 'notice',
    message: say('签发方名单较旧，请尽快更新。', 'The list of issuers is ageing; refresh it soon.'),
    next: refresh,
  },
  CLOCK_DOUBT: {
    stage: 'authenticate',
    result: 'unknown',
    severity: 'authenticity',
    message: say(
      '本机时钟早于已见过的签名时间，时间不可信。',
      'This clock is behind signed times already seen; the time cannot be trusted.',
    ),
    next: say('请校准时钟后重新核验。', 'Set the clock right and verify again.'),
  },
  REVOKED: {
    stage: 'authenticate',
    result: 'fail',
    severity: 'proof',
    message: say('签发地区已撤销该证照。', 'The issuing region has revoked this document.'),
    next: reissue,
  },
  NOT_REVOKED: {
    stage: 'authenticate',
    result: 'pass',
    severity: 'requirement',
    message: say(
      '不在签发地区的撤销名单中。',
      'It is not on the list of documents that the issuing region has revoked.',
    ),
  },
  REVOCATION_UNCONFIRMED: {
    stage: 'authenticate',
    result: 'unknown',
    severity: 'requirement',
    message: say(
      '签发地区的撤销名单不完整、无法读取或不能核实，不能确认证照是否已被撤销。',
      "The issuing region's list of revoked documents is incomplete, unreadable or unconfirmed; whether this one was revoked cannot be told.",
    ),
    next: askIssuer,
  },
  REVOCATION_NOT_PUBLISHED: {
    stage: 'authenticate',
    result: 'skipped',
    severity: 'notice',
    message: say(
      '签发地区未公布撤销名单，未核对是否撤销。',
      'The issuing region publishes no revocations; revocation was not checked.',
    ),
  },
  NOT_CHECKED: {
    stage: 'authenticate',
    result: 'skipped',
    severity: 'authenticity',
    message: say('因前面的问题，未核对签名。', 'The signature was not checked because of what was found before.'),
  },
} as const satisfies Record<string, FindingRow>;
