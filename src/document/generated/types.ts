// Made from schemas/ by scripts/generate.ts. Do not edit.

/**
 * A GB/T 2260 code of six digits (310000, 330421), 000000 for the national platform, or x-<name> for a guest.
 */
export type RegionId = string
/**
 * A document type of the catalogue.
 */
export type TypeCode = string
/**
 * What a verdict is asked for. Only purposes in the catalogue can be expressed.
 */
export type Purpose = string
/**
 * A wire format and its version.
 */
export type FormatId = string
/**
 * A code list of a region.
 */
export type CodeListName = string
/**
 * An instant or a day.
 */
export type Moment = string
/**
 * A JSON Pointer, RFC 6901.
 */
export type Pointer = string
export type ApiScope = ("verify" | "convert" | "metrics" | "record" | "resolve" | "exchange" | "trace" | "objection" | "consent" | "notice" | "decide")
/**
 * A moment in UTC, RFC 3339.
 */
export type Instant = string
/**
 * Who may call a gateway, and for what. Holds digests of keys, never a key.
 * 
 * @maxItems 200
 */
export type ApiKeys = ApiKey[]
export type AreaTier = string
/**
 * One document to be verified, and for whom.
 */
export type Ask = (Ask1 & Ask2)
export type Ask1 = {
[k: string]: unknown
}
/**
 * On what a document was shown: a screen that is alive, or paper (a print-out, an 爱心码).
 */
export type Medium = ("screen" | "paper")
/**
 * Of a challenge: 16 random octets, base64url.
 */
export type Nonce = string
/**
 * A name that is nobody's own: it is told to other regions and kept. Eleven digits, as a citizen's or a telephone number has, are refused.
 */
export type UseWords = string
/**
 * Letters, at least one digit, never as many digits in a row as a telephone or citizen number has.
 */
export type OfficerNumber = string
/**
 * A code of letters and digits. What has the form of a citizen number (GB 11643, born 1900 to 2019) or a mobile telephone number is refused.
 */
export type PlaceOrBusinessCode = string
/**
 * signing: judge an archived copy as of when it was signed. Such a verdict is never a plain acceptance.
 */
export type AsOf = "signing"
/**
 * A scheme of states (health colours, states of licences) of the catalogue.
 */
export type StatusSchemeCode = string
export type StatusWordCode = string
/**
 * What follows from a state: clear: nothing. note: it is told, and decides nothing. refuse: such a document no longer counts. unknown: whether it counts cannot be told.
 */
export type StatusStanding = ("clear" | "note" | "refuse" | "unknown")
export type Family = ("code" | "pass" | "licence" | "statement")
/**
 * What a document can prove: a word of the catalogue.
 */
export type Requirement = string
/**
 * good: no remark. check: good once the holder's identity card was checked. refuse: not in this form. Where nothing is said, a screen is good, and paper is to be checked, or refused if it is a one-time code.
 */
export type MediumWorth = ("good" | "check" | "refuse")
export type CompositionId = string
export type RoleId = string
/**
 * @minItems 1
 * @maxItems 10
 */
export type Places = CompositionPlace[]
/**
 * @maxItems 100
 */
export type Compositions = Composition[]
/**
 * A calendar day. As an end of validity it counts through the end of that day, UTC+8.
 */
export type Day = string
/**
 * production; rehearsal (演练); reference (made-up issuers, for learning and tests). A document of one is never good in another.
 */
export type Environment = ("production" | "rehearsal" | "reference")
export type SignatureAlgorithm = ("ES256" | "ES384" | "ES512" | "PS256" | "PS384" | "PS512" | "RS256" | "RS384" | "RS512" | "EdDSA" | "SM2-SM3")
export type ConnectorPlace = string
/**
 * A region's system, <region>/<id>: of its systems.json, or a key of its gateway's (api-keys.schema.json).
 */
export type SystemName = string
export type Outcome = ("accept" | "conditional" | "refuse" | "undetermined")
export type Stage = ("open" | "resolve" | "authenticate" | "convert" | "validate" | "judge" | "group")
/**
 * open: accepted if the officer does the one thing named. note: told for information, decides nothing.
 */
export type FindingResult = ("pass" | "fail" | "unknown" | "skipped" | "open" | "note")
/**
 * proof: a failure proves forgery, tampering or revocation. authenticity: without it nobody knows who made the document. requirement: the verifying region asks for it. notice: decides nothing.
 */
export type Severity = ("proof" | "authenticity" | "requirement" | "notice")
/**
 * No original: it says so, and is signed by the gateway's own key, which is in no list of issuers.
 */
export type SignedConversion = ({
[k: string]: unknown
} & {
proof: ConversionProof
document?: SharedDocument
/**
 * The document in the target's format, as text.
 */
wire?: string
/**
 * The same where the format is a file, base64.
 */
wireBytes?: string
/**
 * The signature file that belongs to it, base64.
 */
wireBeside?: string
/**
 * What the file is called, where the format says so.
 */
fileName?: string
/**
 * Where each field of the shared document came from: pointer to pointer.
 */
sources: {
[k: string]: string
}
lost: ConversionLosses
/**
 * All of it, signed: RFC 7515 compact, typ tongren-conversion+jws. Keys: GET /v1/conversion-keys.
 */
jws: string
})
/**
 * One document to be said in the shared words, or in another region's format.
 */
export type ConvertAsk = (ConvertAsk1 & ConvertAsk2)
export type ConvertAsk1 = {
[k: string]: unknown
}
/**
 * A region's system asks for a document of another region, in its own format.
 */
export type ExchangeAsk = (ExchangeAsk1 & ExchangeAsk2)
export type ExchangeAsk1 = {
[k: string]: unknown
}
/**
 * Steps from the text or file to the envelope, outermost first, by the names of the transport table; the argument of a step that takes one stands after a colon.
 * 
 * @maxItems 6
 */
export type FormatTransport = string[]
/**
 * A JSON Pointer to something in an object, never to the whole.
 */
export type MemberPointer = string
export type KeyField = (Pointer | ConvertedKeyField)
/**
 * The name of a conversion, or one name with its argument.
 */
export type ConversionWord = (string | {
[k: string]: string | number | boolean | unknown[] | {
[k: string]: unknown
}
})
/**
 * A list that has this element, or an element in which all these pointers have these values.
 */
export type FormatHas = ((string | number) | {
[k: string]: string | number | boolean
})
/**
 * Bits, in hex, that are all set in what stands there: hex of the same length.
 */
export type FormatBits = string
export type MapRow = ({
[k: string]: unknown
} & {
to: Pointer
from?: Pointer
/**
 * A constant instead of a source.
 */
value?: (string | number | boolean)
with?: Pointer
/**
 * Conversions from the payload's value to the shared one, in order.
 */
as?: (ConversionWord | ConversionWord[])
/**
 * The document may lack it.
 */
optional?: boolean
})
/**
 * @maxItems 200
 */
export type FormatMap = MapRow[]
/**
 * Sections of the shared document that this format never fills. Every section is either mapped or named here.
 * 
 * @maxItems 20
 */
export type FormatAbsent = Pointer[]
/**
 * Parts of the payload left out on purpose (a version number, say): not reported as lost. A constant is what is written there.
 * 
 * @maxItems 40
 */
export type FormatIgnore = IgnoreRow[]
/**
 * Where the document names its place in a status list. One that names none cannot be looked up, and is undetermined.
 */
export type StatusPlace = ({
[k: string]: unknown
} & {
list?: Pointer
/**
 * The list, where all documents are in one.
 */
name?: string
index: Pointer
})
export type GroupMemberAsk = ({
[k: string]: unknown
} & {
/**
 * The text of a scanned code, or of a document.
 */
text?: string
/**
 * A file, base64 (RFC 4648 §4).
 */
bytes?: string
/**
 * The signature file (.p7s) that lies beside the file in bytes, base64.
 */
beside?: string
reference?: Reference
medium?: Medium
challenge?: Nonce
role?: RoleId
})
/**
 * A time relative to the minting: @-2d, @+30d, @-10m, @+1h.
 */
export type RelativeTime = string
export type IssuerEntry = ({
[k: string]: unknown
} & {
/**
 * As documents name it: text as it is, bytes in base64url. Only a hint: every key with it is tried.
 */
keyId: string
/**
 * DER, base64.
 */
certificate?: string
/**
 * A public key, RFC 7517.
 */
jwk?: {
[k: string]: unknown
}
name?: Localized
/**
 * The part of the region that the key belongs to: a country, an issuer's URL.
 */
unit?: string
/**
 * @maxItems 100
 */
documentTypes?: TypeCode[]
policies?: AnchorPolicies
validFrom?: Instant
validUntil?: Instant
/**
 * In order of time; none means active.
 * 
 * @maxItems 20
 */
status?: KeyStatus[]
})
export type ContentDigest = string
/**
 * At most one for each finding and purpose.
 * 
 * @maxItems 200
 */
export type NextSteps = NextStep[]
export type ObjectionGround = ("state-wrong" | "state-outdated" | "data-wrong" | "revoked-wrongly" | "not-recognised-wrongly" | "misread" | "other")
/**
 * Objects to a verdict, by its receipt or its case code (跨地区异议处理).
 */
export type ObjectionAsk = (ObjectionAsk1 & ObjectionAsk2)
export type ObjectionAsk1 = {
[k: string]: unknown
}
/**
 * acceptance: the verifying region asks that the logic is true. emergency: the same, and it must expire by itself (validTo). invalidation: a rule of the issuing region; a document for which the logic is true no longer counts.
 */
export type RuleType = ("acceptance" | "invalidation" | "emergency")
/**
 * Three numbers, the higher the newer.
 */
export type RuleVersion = string
export type Coordinate = string
/**
 * What logs call it within its region: a system, never a person.
 */
export type SystemId = string
export type SystemAlgorithm = ("EdDSA" | "ES256" | "SM2-SM3")
export type SystemEntry = ({
[k: string]: unknown
} & {
id: SystemId
name: Localized
/**
 * Public keys by which it signs its requests (RFC 9421): Ed25519, P-256 or SM2. Two while one takes over from the other.
 * 
 * @minItems 1
 * @maxItems 4
 */
keys?: SystemKeyEntry[]
/**
 * Access certificates with which it calls over mutual TLS, DER, base64. Exactly these: whoever issued them is not asked.
 * 
 * @minItems 1
 * @maxItems 4
 */
certificates?: string[]
/**
 * What it may ask other regions' gateways for.
 * 
 * @minItems 1
 */
may: SystemScope[]
/**
 * The only purposes it may ask for; all if absent.
 * 
 * @minItems 1
 * @maxItems 100
 */
purposes?: Purpose[]
/**
 * Documents and other requests a minute, at each gateway. A gateway's operator may allow fewer.
 */
perMinute: number
})
/**
 * consent: signs consents of the region's holders, and revokes them. notice: hands in what its region has to tell.
 */
export type SystemScope = ("verify" | "convert" | "resolve" | "exchange" | "trace" | "objection" | "consent" | "notice" | "decide")

export interface Schemas {
"agreements.agreement"?: Agreement
"agreements.agreedVersion"?: AgreedVersion
"agreements.agreedList"?: AgreedList
"agreements.exclusion"?: Exclusion
agreements?: AgreementList
"allotments.allotment"?: Allotment
"allotments.quotas"?: Quotas
allotments?: AllotmentList
"api-keys"?: ApiKeys
"areas.tier"?: AreaTier
areas?: AreaList
ask?: Ask
"bundle-index"?: BundleIndex
catalogue?: Catalogue
"challenge-ask"?: ChallengeAsk
challenge?: OpenedChallenge
"code-list"?: CodeList
"common.regionId"?: RegionId
"common.localized"?: Localized
"common.instant"?: Instant
"common.day"?: Day
"common.moment"?: Moment
"common.pointer"?: Pointer
"common.typeCode"?: TypeCode
"common.purpose"?: Purpose
"common.requirement"?: Requirement
"common.codeListName"?: CodeListName
"common.formatId"?: FormatId
"common.cursor"?: Cursor
"common.environment"?: Environment
"common.family"?: Family
"common.asOf"?: AsOf
"common.statusScheme"?: StatusSchemeCode
"common.statusWord"?: StatusWordCode
"common.statusStanding"?: StatusStanding
"common.medium"?: Medium
"common.nonce"?: Nonce
"common.presenting"?: Presenting
"common.mediumWorth"?: MediumWorth
"common.legalBasis"?: LegalBasis
"common.algorithmName"?: SignatureAlgorithm
"compositions.compositions"?: Compositions
"compositions.places"?: Places
"compositions.compositionId"?: CompositionId
"compositions.roleId"?: RoleId
compositions?: CompositionList
"connector.place"?: ConnectorPlace
"connector.condition"?: AnswerCondition
"connector.template"?: RequestTemplate
connector?: ConnectorDeclaration
"consent-use"?: ConsentUse
consent?: Consent
conversion?: ConversionProof
"convert-answer"?: ConvertAnswer
"convert-ask"?: ConvertAsk
"device-receipts-answer"?: DeviceReceiptsAnswer
"device-receipts"?: DeviceReceipts
disposition?: Disposition
document?: SharedDocument
evidence?: Evidence
"exchange-answer"?: ExchangeAnswer
"exchange-ask"?: ExchangeAsk
"external-signer"?: ExternalSigner
federation?: FederationManifest
finding?: Finding
"format.recognise"?: Recognise
"format.transport"?: FormatTransport
"format.member"?: MemberPointer
"format.keyField"?: KeyField
"format.has"?: FormatHas
"format.segments"?: FormatSegments
"format.bits"?: FormatBits
"format.when"?: When
"format.map"?: FormatMap
"format.conversion"?: ConversionWord
"format.absent"?: FormatAbsent
"format.ignore"?: FormatIgnore
format?: FormatDeclaration
"founding.held"?: Held
founding?: Founding
"group-ask"?: GroupAsk
"group-recipe"?: GroupRecipe
"group-verdict"?: GroupVerdict
"holder-consent.system"?: SystemName
"holder-consent"?: HolderConsent
issuance?: IssuanceLog
"issuer-recipe.relative"?: RelativeTime
"issuer-recipe"?: IssuerRecipe
issuers?: IssuerList
"kept-index.digest"?: ContentDigest
"kept-index.named"?: NamedContents
"kept-index"?: KeptIndex
"log-head"?: LogHead
memory?: Memory
"next-steps"?: NextStepList
notice?: Notice
"objection-answer"?: ObjectionAnswer
"objection-ask"?: ObjectionAsk
"objection.ground"?: ObjectionGround
objection?: Objection
proposal?: Proposal
"receipt.code"?: PlaceOrBusinessCode
"receipt.officerNumber"?: OfficerNumber
receipt?: Receipt
"reference-format"?: ReferenceDeclaration
reference?: Reference
region?: RegionManifest
registration?: Registration
"revocation-set"?: RevocationSet
revocations?: RevocationList
"rules.rule"?: Rule
"rules.version"?: RuleVersion
rules?: RuleList
"sample.timestamp"?: SampleTimestamp
sample?: SampleRecipe
"state-list"?: StateList
"states-answer"?: StatesAnswer
"states-ask"?: StatesAsk
"status-list"?: StatusList
"system-keys"?: SystemKeysFile
"system-recipe"?: SystemRecipe
"systems.systemId"?: SystemId
"systems.encryptionKey"?: EncryptionKey
"systems.coordinate"?: Coordinate
systems?: SystemList
"use.words"?: UseWords
use?: Use
"value-sets"?: ValueSetList
verdict?: Verdict
}
export interface Agreement {
issuingRegion: RegionId
/**
 * @minItems 1
 * @maxItems 500
 */
documentTypes: TypeCode[]
/**
 * @minItems 1
 * @maxItems 50
 */
purposes: Purpose[]
/**
 * The format versions it was agreed on; any if absent.
 */
formats?: FormatId[]
/**
 * The versions of code lists it was agreed on, each of which stands in the annex; any if absent.
 * 
 * @maxItems 100
 */
codeLists?: AgreedVersion[]
from?: Moment
until?: Moment
/**
 * What the officer must do before a document is accepted.
 * 
 * @maxItems 10
 */
requires?: Localized[]
/**
 * Documents may be asked for under this agreement without the holder's consent, by naming its number: only where law says so.
 */
withoutConsent?: true
/**
 * Regions that may answer in place of the issuing one while it cannot be reached (000000: the national platform).
 * 
 * @minItems 1
 * @maxItems 5
 */
standIns?: RegionId[]
basis: LegalBasis
}
export interface AgreedVersion {
region: RegionId
list: CodeListName
version: number
}
/**
 * The same words in Simplified Chinese and in English.
 */
export interface Localized {
zh: string
en: string
}
/**
 * The act, standard or agreement that a decision rests on.
 */
export interface LegalBasis {
title: Localized
/**
 * Document number (文号).
 */
number?: string
clause?: string
authority?: string
}
export interface AgreedList {
region: RegionId
list: CodeListName
version: number
/**
 * @minItems 1
 * @maxItems 5000
 */
codes: AgreedCode[]
}
export interface AgreedCode {
raw: (string | number)
shared: string
}
export interface Exclusion {
issuingRegion: RegionId
unit?: string
/**
 * @minItems 1
 * @maxItems 500
 */
documentTypes?: TypeCode[]
/**
 * @minItems 1
 * @maxItems 50
 */
purposes?: Purpose[]
from?: Moment
until?: Moment
basis: LegalBasis
}
/**
 * What a region recognises: issuing region × document type × purpose, and what it does not.
 */
export interface AgreementList {
/**
 * @maxItems 2000
 */
agreements: Agreement[]
/**
 * This list adds to that of the city or province above; without it, this list alone says what is recognised.
 */
extends?: true
/**
 * The negative list: goes before every agreement, and adds to those of the city and province above.
 * 
 * @maxItems 2000
 */
excluded?: Exclusion[]
/**
 * The code lists as they were when they were agreed on: what each code meant, word by word.
 * 
 * @maxItems 500
 */
annex?: AgreedList[]
}
export interface Allotment {
region: RegionId
/**
 * Beginnings of texts that are the member's alone. With this, it may claim no others.
 * 
 * @maxItems 100
 */
prefixes?: string[]
/**
 * Types (typ) of JWS that are the member's alone.
 * 
 * @maxItems 100
 */
jwsTypes?: string[]
/**
 * Documents that are the member's alone, by what is in them, as formats recognise theirs: shapes of JSON, heads of JWS, entries of licence metadata.
 * 
 * @maxItems 100
 */
documents?: Recognise[]
/**
 * Hosts that its pack may name. With this, it may name no others.
 * 
 * @maxItems 100
 */
hosts?: string[]
quotas?: Quotas
}
/**
 * What a text or file must show to be taken for this format. Every word given must hold; between formats of one region, the one that says more has the document.
 */
export interface Recognise {
/**
 * The text begins so. The prefix is taken off before the first transport step.
 */
prefix?: string
/**
 * The text begins so, and keeps it: the beginning is signed with the rest.
 */
begins?: string
/**
 * The text ends so. Taken off as well.
 */
suffix?: string
/**
 * Three base64url segments whose protected header has these members.
 */
jws?: {
[k: string]: string
}
/**
 * A package in which these files are.
 * 
 * @minItems 1
 * @maxItems 10
 */
zip?: string[]
/**
 * Metadata of an electronic licence (in an OFD package, or in a file of their own) in which these entries begin so.
 */
metadata?: {
[k: string]: string
}
/**
 * A JSON object in which these pointers exist.
 * 
 * @minItems 1
 * @maxItems 10
 */
json?: Pointer[]
}
export interface Quotas {
/**
 * Of all files of its pack.
 */
bytes: number
/**
 * Issuers and authorities listed, and keys and certificates of its systems.
 */
keys: number
/**
 * Wire formats and references.
 */
formats: number
/**
 * Revoked documents in its lists and packed sets. Status lists are bounded by their bytes.
 */
revocations: number
}
/**
 * What the federation allots to each member: beginnings of texts, types of JWS, documents by what is in them, hosts, and how much. A member without a row has the quotas of all, and nothing that is allotted to another.
 */
export interface AllotmentList {
/**
 * @maxItems 10000
 */
allotments: Allotment[]
quotas: Quotas
}
export interface ApiKey {
/**
 * What the log calls the caller: a system, never a person. In exchanges it is `<region of the gateway>/<id>`, and so it may not be called like a system of that region's systems.json: with such a key nothing is done in the region's name.
 */
id: string
/**
 * SHA-256 of the key's text, hexadecimal.
 */
sha256: string
/**
 * @minItems 1
 */
scopes: ApiScope[]
/**
 * The only purposes it may ask for; all if absent.
 * 
 * @minItems 1
 * @maxItems 100
 */
purposes?: Purpose[]
/**
 * The only verifying regions it may ask for; all if absent. Without the gateway's own among them, it does nothing in that region's name: no exchanges, states, consents, notices, nor answers to objections or lists of them. It may object to verdicts that it may read.
 * 
 * @minItems 1
 * @maxItems 1000
 */
regions?: RegionId[]
/**
 * Documents and other requests a minute.
 */
perMinute: number
notAfter?: Instant
}
/**
 * Risk tiers of areas (分区分级) within the region that publishes them: a complete picture for a time, read by rules as external.areas.<region>.<tier>. Never a property of a person.
 */
export interface AreaList {
from: Moment
until: Moment
/**
 * All tiers that this list knows. One without areas is an empty list, not an unknown one.
 * 
 * @minItems 1
 * @maxItems 20
 */
tiers: AreaTier[]
/**
 * @maxItems 50000
 */
areas: AreaRow[]
authority?: string
basis: LegalBasis
}
export interface AreaRow {
/**
 * GB/T 2260 code of a county (six digits), or with the digits of a township or village after it.
 */
area: string
tier: AreaTier
}
export interface Ask2 {
/**
 * The text of a scanned code, or of a document.
 */
text?: string
/**
 * A file, base64 (RFC 4648 §4).
 */
bytes?: string
/**
 * The signature file (.p7s) that lies beside the file in bytes, base64.
 */
beside?: string
reference?: Reference
for?: RegionId
purpose?: Purpose
medium?: Medium
challenge?: Nonce
use?: Use
at?: Instant
asOf?: AsOf
record?: RecordAsk
}
/**
 * Something that only points to a document; the issuing region has to be asked.
 */
export interface Reference {
plate?: string
cardNumber?: string
passNumber?: string
token?: string
region?: RegionId
}
/**
 * The five elements (五要素) that stand in every call to another region's sharing service: who asks, and for which business.
 */
export interface Use {
orgName: UseWords
username: OfficerNumber
itemName: UseWords
/**
 * Its code.
 */
itemCode: string
businessCode: PlaceOrBusinessCode
}
/**
 * Asks that the verdict be recorded before it is given, and says who asks. Codes only, never names.
 */
export interface RecordAsk {
officer?: OfficerNumber
businessCode?: PlaceOrBusinessCode
checkpoint?: PlaceOrBusinessCode
}
/**
 * What stands in a checkpoint bundle, in this order. The digests show damage and let a client ask only for what it lacks; what counts is decided by the signatures in it.
 */
export interface BundleIndex {
bundle: "tongren-bundle/1"
region: RegionId
/**
 * Sorted; all purposes if absent.
 * 
 * @minItems 1
 * @maxItems 50
 */
purposes?: Purpose[]
/**
 * @maxItems 100000
 */
parts: BundlePart[]
}
export interface BundlePart {
/**
 * As a published store serves it.
 */
name: string
sha256: string
length: number
}
/**
 * The document types, purposes and compositions that the federation knows. It grows without code.
 */
export interface Catalogue {
/**
 * What documents can say of their own state. Every word belongs to one scheme: yellow of a health code is no other yellow.
 * 
 * @maxItems 100
 */
statusSchemes?: StatusScheme[]
/**
 * @maxItems 2000
 */
documentTypes: CatalogueType[]
/**
 * What documents can prove. A closed list: an office that asks for something else asks for nothing that is known.
 * 
 * @maxItems 200
 */
requirements?: CatalogueRequirement[]
/**
 * @maxItems 100
 */
purposes: CataloguePurpose[]
compositions?: Compositions
}
export interface StatusScheme {
scheme: StatusSchemeCode
name: Localized
/**
 * The only purposes for which the state of a number may be asked for; none if absent.
 * 
 * @minItems 1
 * @maxItems 100
 */
askedFor?: Purpose[]
/**
 * @minItems 1
 * @maxItems 100
 */
words: StatusWord[]
}
export interface StatusWord {
word: StatusWordCode
name: Localized
standing: StatusStanding
}
export interface CatalogueType {
code: TypeCode
family: Family
name: Localized
/**
 * Licence type code (证照类型代码), where known.
 */
nationalCode?: string
/**
 * An invented licence type code, for the reference federation where the national one was not found. Good for nothing else.
 */
testCode?: string
/**
 * The schemes in which a document of this type may state a status; none if absent. A colour of another scheme cannot be mapped to it.
 * 
 * @maxItems 6
 */
statusSchemes?: StatusSchemeCode[]
/**
 * What an officer compares with person, card or vehicle.
 * 
 * @maxItems 6
 */
compare?: Pointer[]
/**
 * The requirements that a document of this type meets: what an office asks for, as words of requirements.
 * 
 * @minItems 1
 * @maxItems 20
 */
proves?: Requirement[]
presenting?: Presenting
/**
 * Names of what stands on its face.
 */
faceFields?: {
[k: string]: Localized
}
}
/**
 * How a document is shown (电子亮证). Where its type and its format both say something, the stricter holds.
 */
export interface Presenting {
/**
 * The longest that one may claim to live, from its issue to its end. Of one-time codes 60, where nothing is said.
 */
seconds?: number
screen?: MediumWorth
paper?: MediumWorth
}
export interface CatalogueRequirement {
code: Requirement
name: Localized
}
export interface CataloguePurpose {
code: Purpose
name: Localized
/**
 * A document may be asked for in its region, by a code or number, only to be looked at for this.
 */
asks?: true
/**
 * The only parts of a document that a verdict for this purpose shows. A pointer stands for all below it, except identities, which must each be named.
 * 
 * @maxItems 100
 */
discloses: Pointer[]
}
export interface Composition {
id: CompositionId
name: Localized
/**
 * @minItems 1
 * @maxItems 20
 */
roles: CompositionRole[]
/**
 * What must agree. Every statement of `these` must agree with one of `those`; without `those`, all of them with each other.
 * 
 * @maxItems 40
 */
agree: AgreementRow[]
people?: PeopleRule
basis: LegalBasis
}
export interface CompositionRole {
role: RoleId
name: Localized
/**
 * @minItems 1
 * @maxItems 50
 */
documentTypes: TypeCode[]
/**
 * How many documents there must be at least. A case has two documents or more, whatever its roles say.
 */
least: number
most: number
}
export interface AgreementRow {
/**
 * How: a word of the table of comparisons.
 */
compare: string
these: Places
those?: Places
/**
 * What follows where one of `these` says nothing: the officer compares by hand (ask, if absent), it does not agree (refuse), nothing (skip).
 */
unstated?: ("ask" | "refuse" | "skip")
action?: Localized
basis?: LegalBasis
}
export interface CompositionPlace {
role: RoleId
at: Pointer
/**
 * Of commitments only those of this kind.
 */
kind?: ("person" | "enterprise")
}
/**
 * Nobody may be in the vehicle whom none of these documents names.
 */
export interface PeopleRule {
namedIn: Places
basis?: LegalBasis
}
/**
 * Asks for a challenge. It is good for this region, purpose, checkpoint and caller, for one document.
 */
export interface ChallengeAsk {
for?: RegionId
purpose?: Purpose
/**
 * With the modules of its QR code, for a screen to draw.
 */
picture?: boolean
checkpoint?: PlaceOrBusinessCode
}
/**
 * What the holder's app has to answer: the code it makes carries nonce and audience, and the purpose if it carries one.
 */
export interface OpenedChallenge {
nonce: Nonce
/**
 * The verifying region and the place in it: 310000/G2-01.
 */
audience: string
region: RegionId
purpose: Purpose
expiresAt: Instant
/**
 * Where a picture was asked for: the rows of a QR code that holds this object without this member as JSON, 1 for a dark module; without its quiet zone.
 * 
 * @maxItems 177
 */
modules?: string[]
}
/**
 * A region's code list, mapped to shared words. Every colour scheme is its own list.
 */
export interface CodeList {
list: CodeListName
version: number
name: Localized
scheme?: StatusSchemeCode
/**
 * @minItems 1
 * @maxItems 5000
 */
codes: CodeRow[]
}
export interface CodeRow {
/**
 * As the wire says it. The text "01" and the number 1 are different codes.
 */
raw: (string | number)
shared: string
name?: Localized
}
/**
 * The place of a list in a series of lists. A list without a base is whole (a snapshot); one with a base only adds to the state that has exactly this number.
 */
export interface Cursor {
series: string
/**
 * Grows with every list of the series.
 */
sequence: number
base?: number
}
/**
 * What makes several documents one case: which belong together, and what must agree between them. In the catalogue for all; in a region's compositions.json for that region and those below it, where a composition replaces the one of the same id.
 */
export interface CompositionList {
compositions: Compositions
}
export interface AnswerCondition {
at: ConnectorPlace
/**
 * @minItems 1
 * @maxItems 10
 */
is: (string | number | boolean)[]
}
export interface RequestTemplate {
[k: string]: string | {
[k: string]: string
}
}
/**
 * How a region's own system is asked for a document: what is sent, in its words, and where the document stands in its answer. Data only: where it is sent is the region's endpoint and the asking operator's to say, and who asks is the asking gateway's.
 */
export interface ConnectorDeclaration {
connector: FormatId
title: Localized
/**
 * Always asked by POST; nothing of a document or person ever stands in it.
 */
path: string
/**
 * By what it is asked.
 * 
 * @minItems 1
 * @maxItems 6
 */
asks: ("token" | "plate" | "cardNumber" | "passNumber")[]
/**
 * What it answers with.
 * 
 * @minItems 1
 * @maxItems 100
 */
documentTypes: TypeCode[]
/**
 * Its answers are signed over nonce, asker and the digest of what was asked for (SM3 over id type ‖ number): they say what holds now. By anything but a token it answers questions about states alone.
 */
live?: true
/**
 * Regions for which this one answers where they cannot, if the asking region's agreements say so.
 * 
 * @minItems 1
 * @maxItems 100
 */
stands?: RegionId[]
/**
 * How the question is written; JSON if absent.
 */
encoding?: ("json" | "form")
request: RequestTemplate
answer: ConnectorAnswer
/**
 * How long it may take; 3,000 if absent.
 */
timeoutMs?: number
}
export interface ConnectorAnswer {
/**
 * Members of the answer that hold JSON as text.
 * 
 * @maxItems 8
 */
unfold?: ConnectorPlace[]
good?: AnswerCondition
absent?: AnswerCondition
document: ConnectorPlace
/**
 * text: as it stands. base64: a file. json: written out again as JSON.
 */
as: ("text" | "base64" | "json")
beside?: ConnectorPlace
}
/**
 * One use of a consent (or of an agreement that needs none), or a refused one: what the holder's and the issuing region can show. Holds no document, and names nobody.
 */
export interface ConsentUse {
consent?: string
/**
 * In its place: the agreement that needs none.
 */
basis?: string
/**
 * 1 for the first use; 0 for one that was refused.
 */
number: number
exchange?: string
at: Instant
asker: SystemName
purpose: Purpose
documentType: TypeCode
issuingRegion?: RegionId
itemCode: string
itemName: string
orgName: string
/**
 * given, empty (nothing was given), or why it was refused.
 */
outcome: ("given" | "empty" | "not-signed" | "other-federation" | "other-gateway" | "asker" | "document-type" | "purpose" | "subject" | "not-yet" | "over" | "revoked" | "used-up" | "region")
toldBy?: RegionId
}
/**
 * The old keys of a region agree to its new ones (trust/tuf/rekey.ts).
 */
export interface Consent {
region: string
/**
 * @maxItems 64
 */
keyids: string[]
threshold: number
/**
 * @maxItems 64
 */
consent: ConsentSignature[]
}
export interface ConsentSignature {
keyid: string
sig: string
}
/**
 * What a conversion carries: it is no original, who asked for it, what it was made from, and how long it lives (at most ten minutes).
 */
export interface ConversionProof {
notOriginal: true
audience: string
issuedAt: Instant
expiresAt: Instant
original: ConversionOriginal
receipt?: string
lost?: Pointer[]
}
export interface ConversionOriginal {
digest: string
algorithm: ("SM3" | "SHA-256")
format: FormatId
issuingRegion: RegionId
keyId?: string
/**
 * The verdict on the original when it was converted.
 */
outcome?: ("accept" | "conditional")
revocationId?: string
}
/**
 * The verdict on the original, and the conversion if the verifying region accepts it.
 */
export interface ConvertAnswer {
verdict: Verdict
conversion?: SignedConversion
}
/**
 * What a verifying region may do with one document. About the document, never about a person.
 */
export interface Verdict {
outcome: Outcome
word: Localized
sentence: Localized
next?: Localized
/**
 * Codes of the findings that decided.
 */
reasons: string[]
federation: string
environment: Environment
region: RegionId
purpose: Purpose
clock: VerdictClock
presented?: VerdictPresented
asOf?: VerdictAsOf
format?: VerdictFormat
issuer?: VerdictIssuer
typeName?: Localized
/**
 * True if a trusted key verified the document shown below; false if it is only what was presented.
 */
authentic?: boolean
document?: SharedDocument
status?: VerdictStatus
/**
 * What to compare with the person, card or vehicle in front of you.
 */
compare?: Pointer[]
findings: Finding[]
/**
 * The parts the verdict rests on, with their ages.
 */
restsOn: Part[]
}
export interface VerdictClock {
at: Instant
/**
 * system: this machine's clock. stated: the asker named the time.
 */
source: ("system" | "stated")
notBefore?: Instant
/**
 * What says so: the lists in the store, or what was remembered of earlier ones.
 */
confirmedBy?: ("lists" | "memory")
}
/**
 * How the asker says that the document was shown to it. Absent if nothing was said.
 */
export interface VerdictPresented {
medium?: Medium
/**
 * Whom the challenge names that the document had to answer.
 */
audience?: string
}
/**
 * An archive verdict: validity, keys, agreements and rules were judged at this time, not today.
 */
export interface VerdictAsOf {
at: Instant
/**
 * seal: the time in the signature. document: the time of issue that the document states. Both are claimed, neither is proven.
 */
source: ("seal" | "document")
}
export interface VerdictFormat {
id: FormatId
region: RegionId
}
/**
 * Whose key verified the signature. Absent if none did.
 */
export interface VerdictIssuer {
region: RegionId
name: Localized
unit?: string
keyId: string
}
/**
 * A code, pass, licence or statement of any member region in the shared words. By itself it proves nothing: it travels with a verdict or the proof of a conversion.
 */
export interface SharedDocument {
docType: DocumentType
/**
 * The number under which the issuer knows the document: 证照标识, pass number, certificate identifier.
 */
docId: string
version?: string
/**
 * A random id of at least 128 bits under which the issuer may revoke the document (a pass number could be enumerated).
 */
revocationId?: string
issuer: DocumentIssuer
holder?: Holder
validity: Validity
status?: DocumentStatus
vehicle?: Vehicle
route?: Route
/**
 * @maxItems 50
 */
crew?: CrewMember[]
goods?: Goods
/**
 * Commitments the document rests on (企业承诺书, 个人承诺书).
 * 
 * @maxItems 20
 */
commitments?: Commitment[]
faceFields?: FaceFields
usage?: UsageCopy
presentation?: Presentation
}
export interface DocumentType {
code: TypeCode
family: Family
/**
 * Licence type code (证照类型代码) of GB/T 36904, where there is one.
 */
nationalCode?: string
}
export interface DocumentIssuer {
region: RegionId
/**
 * The part of the region that issued it, as the document says (a guest's country or issuer URL, a city).
 */
unit?: string
orgName?: string
orgCode?: string
areaCode?: string
}
export interface Holder {
kind?: ("person" | "organisation" | "vehicle" | "thing")
name?: string
nameMasked?: string
/**
 * Machine-readable transliteration (ICAO 9303).
 */
nameLatin?: string
/**
 * A day, or only a year and month, or only a year.
 */
birthDate?: string
sex?: ("male" | "female" | "other" | "unknown")
/**
 * 持证主体代码类型代码 of GB/T 36903 (111 citizen number, 001 USCC …).
 */
idType?: string
idNumber?: string
/**
 * A pseudonym or salted digest instead of a number.
 */
idRef?: string
idSalt?: string
pictureDigest?: string
}
export interface Validity {
issuedAt?: Moment
from?: Moment
until?: Moment
}
/**
 * What the document says of its own state. Every scheme is its own list: a word of one is never read by another.
 */
export interface DocumentStatus {
canonical: StatusWordCode
raw: string
/**
 * The code list that was read.
 */
rawScheme: string
reasonCode?: string
asOf?: Moment
authority?: string
}
export interface Vehicle {
plateNo?: string
/**
 * JT/T 697.7 colour code.
 */
plateColor?: string
trailerPlate?: string
kind?: string
}
export interface Route {
from?: string
to?: string
/**
 * @maxItems 50
 */
via?: string[]
}
export interface CrewMember {
role?: string
name?: string
idType?: string
idNumber?: string
idRef?: string
idSalt?: string
}
export interface Goods {
kind?: string
code?: string
quantity?: string
}
export interface Commitment {
kind: ("person" | "enterprise")
number?: string
digest?: string
}
/**
 * What stands on the face of this type of document (照面), by the names the catalogue gives.
 */
export interface FaceFields {
[k: string]: string | number | boolean
}
/**
 * A copy made for one use (加注件).
 */
export interface UsageCopy {
maker?: string
purpose?: string
madeAt?: Moment
expiresAt?: Moment
}
/**
 * For documents made to be shown once: to whom, for what, and the one-time id.
 */
export interface Presentation {
audience?: string
purpose?: string
nonce?: string
/**
 * Of an answer to a question by reference: SM3 of what was asked for, base64url.
 */
answersTo?: string
onceId?: string
}
/**
 * What the document states of its own state, in words: a labelled fact beside the outcome. It says nothing about the person.
 */
export interface VerdictStatus {
word: StatusWordCode
name: Localized
scheme: Localized
standing: StatusStanding
/**
 * Why, as the document says.
 */
reasonCode?: string
/**
 * Who set it, as the document says.
 */
authority?: string
objection?: Localized
}
/**
 * What one check found. All checks that ran are listed; the first failure does not hide the rest.
 */
export interface Finding {
code: string
stage: Stage
result: FindingResult
severity: Severity
message: Localized
next?: Localized
/**
 * Where: a JSON pointer into the shared document, or the name of a part.
 */
at?: string
/**
 * Of a group: the documents it is about, by their place in it, from 1.
 * 
 * @maxItems 20
 */
members?: number[]
/**
 * For engineers, in English. Never a value from the document.
 */
detail?: string
basis?: LegalBasis
}
export interface Part {
part: string
version?: number
issued: Instant
state: ("fresh" | "warn" | "block")
}
export interface ConversionLosses {
/**
 * Parts of the original that the shared document does not say.
 */
original: string[]
/**
 * Parts of the shared document that the target's format cannot say.
 */
target: string[]
}
export interface ConvertAsk2 {
/**
 * The text of a scanned code, or of a document.
 */
text?: string
/**
 * A file, base64 (RFC 4648 §4).
 */
bytes?: string
/**
 * The signature file (.p7s) that lies beside the file in bytes, base64.
 */
beside?: string
/**
 * document (the shared words), or the region and the id of a format: 340000/ah-pass/1.
 */
to: string
/**
 * Who may use the conversion. It is bound to them.
 */
audience: string
for?: RegionId
purpose?: Purpose
at?: Instant
medium?: Medium
challenge?: Nonce
}
/**
 * What became of them: the device forgets what stands in either list.
 */
export interface DeviceReceiptsAnswer {
/**
 * Their ids, those that had come before among them.
 */
taken: string[]
refused: {
id: string
at: string
detail: string
}[]
}
/**
 * Receipts of verdicts that a device gave by itself, handed in when it has a network again, with plain digests (SM3), which the gateway keeps only under its key. Sent twice they are taken once.
 */
export interface DeviceReceipts {
/**
 * @minItems 1
 * @maxItems 100
 */
receipts: Receipt[]
}
/**
 * The trace of one verdict. Holds nothing that identifies a person.
 */
export interface Receipt {
/**
 * 26 digits of Crockford's base 32: ten of the time, sixteen of chance. The person-free case code (7K2M-Q9XA) is the first eight of chance.
 */
id: string
at: Instant
federation: string
environment: Environment
region: RegionId
purpose: Purpose
checkpoint?: PlaceOrBusinessCode
officer?: OfficerNumber
businessCode?: PlaceOrBusinessCode
/**
 * The same in the receipts of documents that were verified together as one case.
 */
group?: string
/**
 * The device that gave the verdict by itself, by the name of its key. Absent where a gateway gave it.
 */
device?: string
clock: ReceiptClock
outcome: ("accept" | "conditional" | "refuse" | "undetermined")
/**
 * @maxItems 200
 */
reasons: string[]
/**
 * Codes of all findings, in the order of the journey; each once.
 * 
 * @maxItems 200
 */
findings: string[]
documentType?: TypeCode
format?: FormatId
issuingRegion?: RegionId
/**
 * The issuer's key that verified it.
 */
keyId?: string
documentDigest: DocumentDigest
/**
 * The versions of trust, rules and formats that the verdict rests on.
 */
restsOn: ReceiptPart[]
/**
 * What was then done, the oldest first; the last one holds. Absent until somebody says.
 * 
 * @maxItems 50
 */
dispositions?: Disposition[]
}
/**
 * The time that the verdict holds for. system: this machine's clock. stated: the asker named it.
 */
export interface ReceiptClock {
at: Instant
source: ("system" | "stated")
}
/**
 * Keyed digest of the bytes that were handed in; of a file with its signature file beside it, of both as one, so that it does not say where the one ends and the other begins. The key changes per checkpoint and day (UTC+8) and is destroyed after the objection window.
 */
export interface DocumentDigest {
/**
 * SM3, plain and with a keyId of zeros, only on the way from a device to its gateway.
 */
algorithm: ("HMAC-SM3" | "SM3")
keyId: string
/**
 * 32 octets, base64url.
 */
value: string
}
export interface ReceiptPart {
part: string
version?: number
issued: Instant
state: ("fresh" | "warn" | "block")
}
/**
 * What was then done: let-pass 放行, turn-back 劝返, hand-over 移交, let-pass-by-hand 人工放行 (with its reason).
 */
export interface Disposition {
action: ("let-pass" | "turn-back" | "hand-over" | "let-pass-by-hand")
/**
 * Why; needed for let-pass-by-hand. No names, no numbers of persons: eleven digits, as a telephone or citizen number has, are refused in a row or with signs between them, and so are control and bidirectional characters.
 */
reason?: string
officer?: OfficerNumber
at: Instant
}
/**
 * What proves something in a region: the document types that the asking region recognises for a purpose, and those that prove it too but do not count there.
 */
export interface Evidence {
proves: EvidenceRequirement
region: RegionId
for: RegionId
purpose: Purpose
/**
 * Recognised now, by type. Each document is still verified by itself.
 * 
 * @maxItems 2000
 */
types: AcceptedType[]
/**
 * Types of the catalogue that prove it as well, and why none of that region counts: the region issues none, no agreement is about it for this purpose, or it is on the negative list (负面清单).
 * 
 * @maxItems 2000
 */
others: OtherType[]
}
export interface EvidenceRequirement {
code: Requirement
name: Localized
}
export interface AcceptedType {
documentType: TypeCode
name: Localized
/**
 * Any one of these is enough; none where it is the asking region's own document.
 * 
 * @maxItems 2000
 */
agreements: AcceptedUnder[]
/**
 * Units of the issuing region whose documents are on the negative list.
 * 
 * @maxItems 2000
 */
exceptUnits?: string[]
/**
 * By what the issuing region, or who stands in for it, can be asked for it (POST /v1/exchanges). Empty: no connector fetches it, the holder has to show it. Whether this gateway may reach that region is its operator's to say.
 * 
 * @maxItems 4
 */
askedBy: ("token" | "plate" | "cardNumber" | "passNumber")[]
}
export interface AcceptedUnder {
basis: LegalBasis
/**
 * The format versions it was agreed on; any if absent.
 */
formats?: FormatId[]
/**
 * What the officer must do before a document is accepted.
 * 
 * @maxItems 10
 */
requires?: Localized[]
/**
 * It may be asked for by the number of this agreement, without the holder's consent.
 */
withoutConsent?: true
}
export interface OtherType {
documentType: TypeCode
name: Localized
because: ("not-issued" | "not-agreed" | "excluded")
basis?: LegalBasis
}
/**
 * Where an exchange stands. The answer is kept for ten minutes, encrypted, and then forgotten.
 */
export interface ExchangeAnswer {
id: string
/**
 * accepted: under way. done: with its answer. empty: there is no document that can be given, the verdict says why. forgotten: its time is over.
 */
state: ("accepted" | "done" | "empty" | "forgotten")
at: Instant
until?: Instant
/**
 * Why there is none though the document is accepted: the purpose does not allow it to be passed on, or the format asked for cannot say it.
 */
because?: ("not-convertible" | "target-cannot-say")
answer?: ConvertAnswer
}
export interface ExchangeAsk2 {
documentType: TypeCode
reference: Reference
purpose: Purpose
use: Use
/**
 * document, or <region>/<format>.
 */
to: string
/**
 * The holder's consent, signed by their region (holder-consent.schema.json).
 */
consent?: string
/**
 * In its place: the number (文号) of the agreement that allows this without consent.
 */
basis?: string
/**
 * Tell the asking region when it is done (a notice of kind exchange), where it could not be done at once.
 */
notify?: true
}
/**
 * A key that lies in a device or on a server (HSM, UKey, 签名验签服务器): a command is called for each signature. What it gets and answers: docs/operate.md.
 */
export interface ExternalSigner {
/**
 * PEM, SubjectPublicKeyInfo. Each signature is checked under it before it is used.
 */
publicKey: string
/**
 * Program and arguments; no shell. `./x` is beside this file.
 * 
 * @minItems 1
 * @maxItems 32
 */
command: string[]
/**
 * 60 if it is not said: somebody may have to touch the device.
 */
timeoutSeconds?: number
}
export interface FederationManifest {
federation: string
environment: Environment
name: Localized
ages: AgeLimits
}
/**
 * Hours after which a part of the trust view is shown as ageing, and no longer gives an accept.
 */
export interface AgeLimits {
warnAfterHours: number
blockAfterHours: number
}
/**
 * A field that is no text in the payload: a conversion that gives one.
 */
export interface ConvertedKeyField {
from: Pointer
as: ConversionWord
}
/**
 * A text whose parts between dots, counted from 0, are what stands at these pointers: the type and the issuer inside a 证照标识.
 */
export interface FormatSegments {
[k: string]: Pointer
}
/**
 * A condition on the payload. It holds if there is something at the pointer, and what stands there fits.
 */
export interface When {
at: Pointer
equals?: (string | number | boolean)
/**
 * A list with exactly one element.
 */
single?: true
has?: FormatHas
lacks?: Pointer
bits?: FormatBits
segments?: FormatSegments
}
export interface IgnoreRow {
from: Pointer
write?: (string | number | boolean)
}
/**
 * A wire format as data: how to recognise it, take it apart (transport, envelope, payload) and say it in the shared words, both ways. It cannot run code.
 */
export interface FormatDeclaration {
format: FormatId
title: Localized
recognise: Recognise
transport: FormatTransport
/**
 * Other ways in which the same document is handed over (a file beside a code): recognised and unpacked differently, then the same envelope. Written is always the first.
 * 
 * @minItems 1
 * @maxItems 5
 */
also?: Carrier[]
parts?: Parts
envelope: Envelope
/**
 * A row of the payload table.
 */
payload: string
/**
 * Members of the payload that hold JSON as text. The map reads and writes what is in them.
 * 
 * @minItems 1
 * @maxItems 5
 */
unfold?: MemberPointer[]
signedAt?: SigningTime
file?: FormatFile
limits?: FormatLimits
/**
 * What the payload of every document of this format must say (a version, a type).
 * 
 * @minItems 1
 * @maxItems 10
 */
expect?: Expected[]
/**
 * What of a document must agree with what else it says. Run on the shared document.
 * 
 * @minItems 1
 * @maxItems 20
 */
checks?: DeclaredCheck[]
revocation?: DocumentRevocation
documentType?: TypeCode
presenting?: Presenting
map: FormatMap
absent?: FormatAbsent
ignore?: FormatIgnore
/**
 * Several document types in one format: exactly one case must apply.
 * 
 * @minItems 1
 * @maxItems 40
 */
cases?: FormatCase[]
since?: Day
sunset?: Day
layout?: PayloadLayout
}
export interface Carrier {
recognise: Recognise
transport: FormatTransport
}
/**
 * A document too long for one code is split into several: <index>/<total>/ stands between the prefix and each part.
 */
export interface Parts {
separator: string
/**
 * Parts of one document.
 */
most: number
/**
 * Characters of one part.
 */
longest: number
}
export interface Envelope {
type: string
/**
 * The only algorithms accepted, whatever the document's header says.
 * 
 * @minItems 1
 */
algorithms: SignatureAlgorithm[]
/**
 * Protected header members that must be there (checked) and that are written.
 */
header?: {
[k: string]: string | number
}
/**
 * COSE: write with tag 18.
 */
tagged?: boolean
/**
 * cms: the signature stands in a file of its own beside the document, and covers it byte for byte.
 */
detached?: boolean
json?: EnvelopeJson
params?: EnvelopeParams
bare?: EnvelopeBare
/**
 * The key id under which a gateway writes a conversion, where the fields of keyFrom hold ids of a certain shape only. No issuer has it.
 */
conversionKeyId?: string
/**
 * Fields of the payload that name the key, joined by dots, where the envelope names none. Whoever writes the format writes the signer's key id into them.
 * 
 * @minItems 1
 * @maxItems 4
 */
keyFrom?: KeyField[]
}
/**
 * signed-json: where in the object things stand, as JSON Pointers.
 */
export interface EnvelopeJson {
signed: MemberPointer
signature: MemberPointer
algorithm: MemberPointer
certificate?: MemberPointer
keyId?: MemberPointer
/**
 * How the member becomes bytes.
 */
canonical: string
/**
 * How signature and certificates stand in the text.
 */
encoding: string
}
/**
 * signed-params: where the signature stands in the object, and how.
 */
export interface EnvelopeParams {
signature: MemberPointer
encoding: string
}
/**
 * signed-text, signed-frame, signed-params: how the signature is written. The declaration allows exactly one algorithm, since no header names one.
 */
export interface EnvelopeBare {
separator?: string
form: ("raw" | "der")
/**
 * Of r‖s.
 */
bytes: number
}
/**
 * Where the payload says when it was signed, if that is another time than when the document was issued.
 */
export interface SigningTime {
from: MemberPointer
as: ConversionWord
}
/**
 * What a file of this format is called: its ending, and the place of the shared document that gives its name (a 证照标识).
 */
export interface FormatFile {
extension: string
name?: MemberPointer
}
export interface FormatLimits {
input?: number
inflated?: number
depth?: number
items?: number
}
export interface Expected {
at: Pointer
equals?: (string | number | boolean)
single?: true
has?: FormatHas
bits?: FormatBits
segments?: FormatSegments
lacks?: Pointer
/**
 * What is found where it does not hold; FIELD_INVALID if not said.
 */
otherwise?: ("FIELD_INVALID" | "IDENTIFIER_INVALID" | "UNKNOWN_CODE_VALUE" | "UNSUPPORTED_VERSION" | "NOT_ENABLED")
}
export interface DeclaredCheck {
/**
 * A row of the table of checks.
 */
check: string
at: Pointer
}
/**
 * How the issuer may revoke the document, where that is not (or not only) by the map's /revocationId: under an id of its own, or by its bit in a status list.
 */
export interface DocumentRevocation {
id?: Pointer
/**
 * key: the id is unique only among the documents of one key, and is listed as <key id>#<id>.
 */
scope?: "key"
status?: StatusPlace
}
export interface FormatCase {
documentType: TypeCode
when: When
presenting?: Presenting
map: FormatMap
absent?: FormatAbsent
ignore?: FormatIgnore
}
/**
 * For payloads without names of their own.
 */
export interface PayloadLayout {
delimited?: DelimitedLayout
fixed?: FixedLayout
}
export interface DelimitedLayout {
separator: string
/**
 * @minItems 1
 * @maxItems 100
 */
fields: string[]
}
export interface FixedLayout {
/**
 * @minItems 1
 * @maxItems 100
 */
fields: FixedLayoutField[]
/**
 * @maxItems 100
 */
tagged?: TaggedLayoutField[]
}
export interface FixedLayoutField {
name: string
as: ("text" | "hex" | "uint" | "bytes")
bytes: number
}
export interface TaggedLayoutField {
name: string
as: ("text" | "hex" | "uint" | "bytes")
tag: number
}
export interface Held {
threshold: number
/**
 * @minItems 1
 * @maxItems 64
 */
keys: string[]
}
/**
 * What a federation is founded with: its name, its environment, and who holds each role. Keys are files of public keys, beside this one.
 */
export interface Founding {
federation: string
environment: Environment
name: Localized
/**
 * Hours for which it must be announced that a region's keys are replaced without the old ones.
 */
waitingHours: number
/**
 * Role (`regions` for every delegated one) → groups of kinds of keys, each of which must meet the threshold by itself.
 */
kinds?: {
/**
 * @minItems 1
 * @maxItems 4
 */
[k: string]: ("P-256" | "P-384" | "Ed25519" | "RSA" | "SM2")[][]
}
root: Held
targets: Held
snapshot: Held
timestamp: Held
desk: Held
guests?: Held
}
/**
 * The documents of one case, to be verified together.
 */
export interface GroupAsk {
/**
 * @minItems 1
 * @maxItems 20
 */
members: GroupMemberAsk[]
composition?: CompositionId
/**
 * How many people are in the vehicle, as the officer counts them.
 */
occupants?: number
for?: RegionId
purpose?: Purpose
at?: Instant
record?: GroupRecordAsk
}
/**
 * As in ask.schema.json: every member gets a receipt.
 */
export interface GroupRecordAsk {
officer?: OfficerNumber
businessCode?: PlaceOrBusinessCode
checkpoint?: PlaceOrBusinessCode
}
/**
 * Samples of the reference federation that are shown together, and the verdict they must get.
 */
export interface GroupRecipe {
name: string
title: Localized
/**
 * Samples, as <region>/<name>.
 * 
 * @minItems 1
 * @maxItems 20
 */
members: string[]
occupants?: number
expect: GroupExpectation
because?: string
}
export interface GroupExpectation {
outcome: ("accept" | "conditional" | "refuse" | "undetermined")
reasons?: string[]
for?: RegionId
purpose?: Purpose
}
/**
 * What a verifying region may do with the documents of one case: one outcome, how they fit together, and the verdict on each.
 */
export interface GroupVerdict {
outcome: ("accept" | "conditional" | "refuse" | "undetermined")
word: Localized
sentence: Localized
next?: Localized
/**
 * Codes of the findings about the group that decided.
 */
reasons: string[]
federation: string
environment: Environment
region: RegionId
purpose: Purpose
clock: GroupClock
composition?: GroupComposition
/**
 * As the asker stated it.
 */
occupants?: number
/**
 * About the group. What was found about each document is in its own verdict.
 */
findings: Finding[]
/**
 * In the order in which they were given.
 * 
 * @minItems 1
 * @maxItems 20
 */
members: GroupMemberVerdict[]
}
export interface GroupClock {
at: Instant
source: ("system" | "stated")
}
/**
 * What the documents are together. Absent if they are nothing that is known, or not clearly one thing.
 */
export interface GroupComposition {
id: CompositionId
name: Localized
basis: LegalBasis
}
export interface GroupMemberVerdict {
role?: MemberRole
verdict: Verdict
}
/**
 * Its place in the composition. Absent if it has none, or not clearly one.
 */
export interface MemberRole {
id: RoleId
name: Localized
}
/**
 * What a holder allowed (一次授权、多次因需留痕式调用), as their region signed it: a JWS (RFC 7515, compact, typ tongren-consent+jws). Says of whom it is only by salted digests.
 */
export interface HolderConsent {
/**
 * Random; what revokes it, and what its trace is read by.
 */
id: string
federation: string
region: RegionId
gateway: RegionId
/**
 * Systems that may use it, <region>/<id>.
 * 
 * @minItems 1
 * @maxItems 20
 */
askers: SystemName[]
/**
 * @minItems 1
 * @maxItems 20
 */
documentTypes: TypeCode[]
/**
 * @minItems 1
 * @maxItems 10
 */
purposes: Purpose[]
/**
 * What may be asked about: SM3(salt ‖ kind ‖ value) of a reference's member, so that a consent names nobody.
 * 
 * @minItems 1
 * @maxItems 20
 */
subjects: ConsentSubject[]
/**
 * How often it may be asked with it, all askers together. A question that was accepted is a use, whatever came of it: also where the issuing region was silent, for it may have heard what was asked. The trace then says empty.
 */
uses: number
from: Instant
until: Instant
}
export interface ConsentSubject {
/**
 * 16 octets or more, base64url.
 */
salt: string
digest: string
}
/**
 * Documents that a region has issued, by the digests of what was signed. After a key is compromised it tells which of its documents are older than that.
 */
export interface IssuanceLog {
issued: Instant
/**
 * @maxItems 1000000
 */
logged: LoggedDocument[]
}
export interface LoggedDocument {
/**
 * SHA-256 of the signed bytes, base64url. Not of the signature: whoever has the key can give other bytes the same r.
 */
digest: string
at: Instant
}
/**
 * Issuers to be made for the reference federation, with fresh keys at every minting. Never for production.
 */
export interface IssuerRecipe {
/**
 * @minItems 1
 * @maxItems 100
 */
issuers: IssuerRecipeRow[]
/**
 * Electronic seals (GB/T 38540) for samples.
 * 
 * @maxItems 20
 */
seals?: SealRecipeRow[]
}
export interface IssuerRecipeRow {
name: string
title: Localized
algorithm: SignatureAlgorithm
/**
 * certificate: self-signed X.509, key id from its SHA-256. jwk: a bare key, key id from its thumbprint or as given. authority: a CA; its certificate goes to anchors/ and its list of revoked certificates to crls/. embedded: a certificate issued by the authority in issuedBy, which stands in no list and comes with each document. timestamps: an authority for timestamps (RFC 3161); its certificate goes to timestampers/.
 */
container: ("certificate" | "jwk" | "authority" | "embedded" | "timestamps")
keyId?: string
/**
 * embedded: the name of an authority.
 */
issuedBy?: string
revokedSince?: RelativeTime
/**
 * embedded: an ICAO document type list with these codes.
 * 
 * @minItems 1
 * @maxItems 10
 */
documentCodes?: string[]
crl?: RecipeCrl
unit?: string
/**
 * @maxItems 100
 */
documentTypes?: TypeCode[]
/**
 * @maxItems 10
 */
extendedKeyUsage?: string[]
validFrom?: RelativeTime
validUntil?: RelativeTime
/**
 * @maxItems 10
 */
status?: RecipeStatus[]
}
/**
 * authority: when its list of revoked certificates was made, and when the next one is due. None: it publishes none.
 */
export interface RecipeCrl {
issued: RelativeTime
next: RelativeTime
}
export interface RecipeStatus {
state: ("active" | "retiring" | "retired" | "compromised" | "removed")
since: RelativeTime
reason?: string
}
export interface SealRecipeRow {
name: string
title: Localized
/**
 * esID.
 */
number: string
/**
 * Who makes and signs it: an issuer with a certificate.
 */
maker: string
/**
 * Who may use it: issuers with certificates.
 * 
 * @maxItems 20
 */
signers: string[]
validFrom: RelativeTime
validUntil: RelativeTime
}
/**
 * The keys that may sign a region's documents, each with its scope and status history. In anchors/: the certificates of authorities (CA) whose signers come with their documents; scope and status are those of all they issue.
 */
export interface IssuerList {
issued: Instant
environment?: Environment
source?: string
/**
 * @maxItems 100000
 */
issuers: IssuerEntry[]
}
/**
 * In anchors/ only: under which certificate policies its certificates must stand (RFC 5280 §6.1.1 (c) to (g)). What an authority itself demands binds besides.
 */
export interface AnchorPolicies {
/**
 * One of these must hold all the way down; any, if it is not said.
 * 
 * @minItems 1
 * @maxItems 50
 */
accepted?: string[]
/**
 * Whether there must be one, whatever the authorities say; true, if it is not said.
 */
required?: boolean
/**
 * Authorities may not say that another policy is as good as an accepted one.
 */
inhibitMapping?: boolean
/**
 * anyPolicy in a certificate stands for none.
 */
inhibitAny?: boolean
}
export interface KeyStatus {
state: ("active" | "retiring" | "retired" | "compromised" | "removed")
since: Instant
reason?: string
}
export interface NamedContents {
[k: string]: ContentDigest
}
/**
 * What a gateway keeps of a signed store between updates: the contents lie beside it, each under its SHA-256.
 */
export interface KeptIndex {
/**
 * From the pinned root to the newest.
 * 
 * @minItems 1
 * @maxItems 100000
 */
roots: ContentDigest[]
timestamp?: ContentDigest
snapshot?: ContentDigest
roles: NamedContents
files: NamedContents
/**
 * Who held each delegated role last.
 */
keyholders: {
[k: string]: {
keyIds: string[]
threshold: number
keys: {
[k: string]: unknown
}
}
}
/**
 * Regions (or "federation") whose newest files are at fault, and the version that was last good.
 */
good: {
[k: string]: null | {
file: ContentDigest
files: NamedContents
}
}
}
/**
 * The head of a gateway's log of receipts: whoever keeps it can tell later whether anything before it was changed, removed or slipped in. It says nothing of what was recorded.
 */
export interface LogHead {
/**
 * 1, 2, 3 …
 */
number: number
at: Instant
/**
 * Receipts and dispositions that were entered since the head before.
 */
entries: number
/**
 * SM3 over a line for each of these entries: the receipt's id, the number (0 for the receipt, else which disposition) and the SM3 digest of what was recorded, with U+0020 between them and U+000A behind, sorted as texts; hexadecimal.
 */
digest: string
/**
 * The head before; empty for the first.
 */
before: string
/**
 * SM3 over number, at, entries, digest and before, one behind the other with U+000A between them, hexadecimal.
 */
head: string
}
/**
 * What a gateway has seen of a federation's signed lists: by it a clock that was set back, and lists that are older than those seen before, are found out.
 */
export interface Memory {
federation: string
environment: Environment
/**
 * The latest time that the lists of each region say they were made.
 * 
 * @maxItems 10000
 */
times: SeenTime[]
/**
 * How far each series of revocations had come.
 * 
 * @maxItems 100000
 */
series: SeenSeries[]
}
export interface SeenTime {
region: RegionId
at: Instant
}
export interface SeenSeries {
region: RegionId
series: string
sequence: number
snapshot?: SeenSnapshot
}
/**
 * The newest list of the series that was whole, and how many documents it named.
 */
export interface SeenSnapshot {
sequence: number
count: number
}
/**
 * What an officer of a region is to do for each cause of a verdict that nobody can tell (undetermined), in the region's own words: next-steps.json of its pack. They hold where the region, or one below it, verifies; the nearest region's words come first, and the catalogue's next step is said where nobody words one.
 */
export interface NextStepList {
nextSteps: NextSteps
}
export interface NextStep {
/**
 * The code of a finding that leaves a verdict undetermined.
 */
finding: string
/**
 * For these purposes alone; for all, if absent.
 * 
 * @minItems 1
 * @maxItems 50
 */
purposes?: string[]
next: NextStepWords
}
/**
 * What to do, in one sentence. It may send nobody to fetch a local code.
 */
export interface NextStepWords {
zh: string
en: string
}
/**
 * What one region's gateway tells another's: delivered until it is acknowledged, taken once by its id.
 */
export interface Notice {
id: string
at: Instant
/**
 * In which it was made: what a test federation says of the same regions counts in no other.
 */
federation: string
from: RegionId
to: RegionId
kind: ("use" | "objection" | "objection-answer" | "revocation" | "exchange" | "list")
use?: ConsentUse
objection?: Objection
answer?: AnsweredObjection
revoked?: RevokedConsent
/**
 * state-list.schema.json, as its region signed it.
 */
list?: string
exchange?: ExchangeDone
}
/**
 * An objection, and where it stands.
 */
export interface Objection {
id: string
at: Instant
due: Instant
federation: string
/**
 * By which the verifying region finds the verdict.
 */
receipt: string
verifyingRegion: RegionId
issuingRegion: RegionId
documentType?: TypeCode
/**
 * Those of the verdict.
 * 
 * @maxItems 200
 */
reasons?: string[]
ground: ObjectionGround
by: ("holder" | "officer")
/**
 * filed: on its way. delivered: the issuing region has it. overdue: no answer in time. Else its answer.
 */
state: ("filed" | "delivered" | "overdue" | "upheld" | "rejected" | "corrected")
answeredAt?: Instant
}
export interface AnsweredObjection {
objection: string
decision: ("upheld" | "rejected" | "corrected")
at: Instant
}
export interface RevokedConsent {
consent: string
at: Instant
}
export interface ExchangeDone {
id: string
state: ("done" | "empty")
}
/**
 * What the issuing region says to an objection.
 */
export interface ObjectionAnswer {
/**
 * upheld: the holder is right. corrected: and it was corrected. rejected: the document says what it should.
 */
decision: ("upheld" | "rejected" | "corrected")
}
export interface ObjectionAsk2 {
receipt?: string
caseCode?: string
ground: ObjectionGround
by: ("holder" | "officer")
}
/**
 * One change of a signed store on its way from hand to hand: metadata files with the signatures they have so far. Nothing outside `files` is signed.
 */
export interface Proposal {
/**
 * The operation in words: admit 360000.
 */
proposal: string
made: Instant
by: string
/**
 * Key id → what people call the key.
 */
names: {
[k: string]: string
}
/**
 * @minItems 1
 * @maxItems 16
 */
files: ProposedFile[]
}
export interface ProposedFile {
role: string
/**
 * TUF metadata.
 */
file: {
[k: string]: unknown
}
}
/**
 * A code that only refers to a document: an opaque link. It is recognised and taken apart; what it means only the issuing region can say.
 */
export interface ReferenceDeclaration {
format: FormatId
title: Localized
/**
 * The text begins so; behind it stand the parameters, name=value joined by &.
 */
prefix: string
refers: Refers
/**
 * Those that must be there, once each. Others are passed over.
 * 
 * @minItems 1
 * @maxItems 8
 */
parameters: ReferenceParameter[]
since?: Day
sunset?: Day
}
/**
 * By what it refers to a document, and in which parameter that stands.
 */
export interface Refers {
kind: ("token" | "passNumber" | "cardNumber")
parameter: string
}
export interface ReferenceParameter {
name: string
/**
 * Before the signs that are counted.
 */
begins?: string
signs: ("digits" | "hex" | "letters-and-digits")
least: number
most: number
}
/**
 * Who a member region is and what it may issue.
 */
export interface RegionManifest {
region: RegionId
name: Localized
parent?: RegionId
/**
 * @maxItems 100
 */
authorities?: Authority[]
/**
 * Responders that tell whether certificates of the region's authorities were revoked (RFC 6960). A gateway asks those whose hosts its operator allows, and never an address that stands in a certificate.
 * 
 * @minItems 1
 * @maxItems 4
 */
ocsp?: string[]
/**
 * The name of the host of the region's own systems (no address), which its connectors ask. Others ask it only where their operators allow it.
 */
endpoint?: string
/**
 * Other regions whose holders' consents are good for this region's documents: whoever signs them vouches for whose they are.
 * 
 * @maxItems 100
 */
consentsOf?: RegionId[]
contact?: string
objections?: Localized
/**
 * Document types this region may issue.
 * 
 * @maxItems 500
 */
issues: TypeCode[]
/**
 * A document that names a unit must be signed by a key of that unit. Units listed together are one (EL, GR).
 * 
 * @maxItems 300
 */
units?: string[][]
/**
 * Extended key usages: a certificate that has any of these may sign only these types. One that has none may sign all, unless it came with its document: then it may sign nothing.
 * 
 * @maxItems 40
 */
keyPurposes?: KeyPurpose[]
/**
 * ICAO document type list (extension 2.23.136.1.1.6.2): a certificate that has the extension may sign only the types that its codes stand for here.
 * 
 * @maxItems 40
 */
keyDocumentCodes?: KeyDocumentCode[]
}
export interface Authority {
name: Localized
/**
 * Unified social credit code, GB 32100.
 */
uscc?: string
}
export interface KeyPurpose {
oid: string
/**
 * @minItems 1
 * @maxItems 100
 */
documentTypes: TypeCode[]
}
export interface KeyDocumentCode {
code: string
/**
 * @minItems 1
 * @maxItems 100
 */
documentTypes: TypeCode[]
}
/**
 * How a checkpoint's device begins: what stands in its pairing link, behind #pair=, as base64url of this JSON.
 */
export interface Registration {
v: 1
/**
 * The device's key at the gateway; none where the gateway serves this machine alone.
 */
key?: string
place: PlaceOrBusinessCode
region: RegionId
/**
 * The other region of a checkpoint that two share: every document is judged by both, and each gets its receipt.
 * 
 * @minItems 1
 * @maxItems 1
 */
also?: RegionId[]
/**
 * Whether an officer holds the device, if absent, or people serve themselves (kiosk: 综合自助终端).
 */
profile?: ("desk" | "kiosk")
lane: ("person" | "vehicle" | "freight" | "counter")
/**
 * SHA-256 (hex) of the root that the device trusts; everything else it verifies from there.
 */
root: string
}
/**
 * Millions of revoked documents: this file (<name>.set.json) says what the packed set beside it (<name>.ids) holds. A third file (<name>.confirm) turns what the set says into a certainty; see src/codec/id-set.ts for the bytes of both.
 */
export interface RevocationSet {
issued: Instant
cursor?: Cursor
/**
 * Ids in the set.
 */
count: number
/**
 * SHA-256 of <name>.ids, base64url. That file holds the digests of the third one.
 */
digest: string
}
/**
 * Documents a region has revoked. An id acts only on documents of this region; once revoked, always revoked. Without a cursor the list stands for itself.
 */
export interface RevocationList {
issued: Instant
cursor?: Cursor
/**
 * @maxItems 1000000
 */
revoked: RevokedDocument[]
}
export interface RevokedDocument {
/**
 * The document's revocation id, the first half (r) of its raw signature in base64url, or <key id>#<id> where the format says that its ids belong to their key.
 */
id: string
since: Instant
issuedBefore?: Instant
reasonCode?: string
}
export interface Rule {
/**
 * The same id in a region below replaces the rule there.
 */
id: string
type: RuleType
version: RuleVersion
engine: RuleEngine
region: RegionId
/**
 * Only documents of these regions and of what stands under them; of all if absent.
 * 
 * @minItems 1
 * @maxItems 500
 */
issuingRegions?: RegionId[]
/**
 * Only documents of these units of the issuing region (a guest's country, a city); of all if absent.
 * 
 * @minItems 1
 * @maxItems 300
 */
units?: string[]
/**
 * @minItems 1
 * @maxItems 500
 */
documentTypes?: TypeCode[]
/**
 * @minItems 1
 * @maxItems 50
 */
purposes?: Purpose[]
/**
 * Only documents in these formats. A rule on the wire payload must name them.
 * 
 * @minItems 1
 * @maxItems 100
 */
formats?: FormatId[]
/**
 * What the logic reads as `payload`: the shared document, or a part of the payload as it came.
 */
input: ("document" | PayloadInput)
publishedAt?: Instant
/**
 * How long before validFrom it must have been published, so that nobody is turned back by a rule of an hour ago.
 */
leadTimeHours?: number
validFrom: Moment
validTo?: Moment
/**
 * The switch: false in the highest version of a rule turns the rule off without waiting for validTo.
 */
enabled?: boolean
authority?: string
basis: LegalBasis
description: Localized
action?: Localized
/**
 * What the logic reads, for people.
 * 
 * @maxItems 100
 */
affectedFields?: string[]
/**
 * A CertLogic expression over { payload, external }.
 */
logic: ({
[k: string]: unknown
} | unknown[] | boolean | string | number)
}
/**
 * What the logic is written for. A newer version than the gateway's own is not guessed at.
 */
export interface RuleEngine {
name: "certlogic"
version: RuleVersion
}
export interface PayloadInput {
payload: Pointer
}
/**
 * A region's acceptance rules: what it asks of a document beyond signature, validity and agreement, as data that cannot run code.
 */
export interface RuleList {
/**
 * @maxItems 2000
 */
rules: Rule[]
}
/**
 * A timestamp over the signature, in formats that have room for one (GB/T 38540 seals): by which authority of the region's issuer recipes, and of which time.
 */
export interface SampleTimestamp {
by: string
at: RelativeTime
}
/**
 * A document to be made for the reference federation, and the verdict it must get.
 */
export interface SampleRecipe {
name: string
title: Localized
format: FormatId
/**
 * Which minted issuer signs: a name of the region's issuer recipes, or of another's with its id before it (`330000/zj-pass`); `nobody` is a key that no list knows.
 */
signer?: string
/**
 * The key id that the document names, if it is not the signer's own: a forger's.
 */
keyId?: string
signedAt?: RelativeTime
/**
 * With which electronic seal: a name of the region's issuer recipes.
 */
seal?: string
timestamp?: SampleTimestamp
/**
 * Who signs and seals it after that, in order.
 * 
 * @minItems 1
 * @maxItems 5
 */
further?: FurtherSigner[]
/**
 * The shared document; a time may be relative to the minting: @-2d, @+30d, @+10m.
 */
document?: {
[k: string]: unknown
}
/**
 * What is handed in, as it is: for codes that only refer to a document.
 */
text?: string
/**
 * What is done to the document after it is signed.
 */
change?: ("none" | "alter-payload" | "cut-short" | "without-signature-file")
edit?: SampleEdit
shown?: SampleShowing
expect: Expectation
because?: string
}
export interface FurtherSigner {
signer: string
signedAt?: RelativeTime
seal?: string
timestamp?: SampleTimestamp
}
/**
 * A part of the document changed after it is signed: the first `text` becomes `by`. Without `text` the part is added.
 */
export interface SampleEdit {
/**
 * In a package: the file.
 */
part?: string
text?: string
by: string
}
/**
 * How it is shown. Looked at where nobody has seen it before, in answer to no challenge, if nothing is said.
 */
export interface SampleShowing {
medium?: Medium
challenge?: SampleChallenge
before?: PlaceOrBusinessCode
}
export interface SampleChallenge {
audience: string
nonce: string
}
export interface Expectation {
outcome: ("accept" | "conditional" | "refuse" | "undetermined")
reasons?: string[]
for?: RegionId
purpose?: Purpose
}
/**
 * What a region says each day of the states of its people, for one other region: a JWS (RFC 7515, compact, typ tongren-list+jws). Of whom it speaks it says only by digests under a key that is made for this list and this receiver.
 */
export interface StateList {
federation: string
region: RegionId
to: RegionId
scheme: StatusSchemeCode
/**
 * Grows with each list of this region, receiver and scheme.
 */
sequence: number
issued: Instant
until: Instant
/**
 * 32 random octets, base64url.
 */
key: string
/**
 * @maxItems 1000000
 */
entries: StateEntry[]
}
export interface StateEntry {
/**
 * HMAC-SM3(key, idType ‖ idNumber), base64url; letters of the number in upper case.
 */
digest: string
state: StatusWordCode
}
/**
 * What a region says of a number: a word of a scheme, and how old it is. Never a judgement about a person.
 */
export interface StatesAnswer {
region: RegionId
scheme: StatusSchemeCode
/**
 * cannot-tell is no state, and does not mean that the number is not listed.
 */
told: ("state" | "not-listed" | "cannot-tell")
state?: StatusWordCode
name?: Localized
asOf?: Instant
/**
 * fresh; warn: older than a day; block: too old, or there is nothing.
 */
age: ("fresh" | "warn" | "block")
/**
 * list: its newest list. region: its own answer to this question.
 */
basis?: ("list" | "region")
words: Localized
}
/**
 * In which state of a scheme is whoever has this number, as the region says?
 */
export interface StatesAsk {
region: RegionId
scheme: StatusSchemeCode
idType: string
/**
 * Used to look, and then forgotten.
 */
idNumber: string
purpose: Purpose
use: Use
}
/**
 * One bit for each document that a region numbers (<name>.status.json): 1 is revoked. The member status_list is that of an IETF Token Status List with one bit for each document.
 */
export interface StatusList {
issued: Instant
cursor?: Cursor
/**
 * What documents, or the declaration of their format, call this list.
 */
list: string
status_list: StatusBits
}
export interface StatusBits {
bits: 1
/**
 * base64url of the bits, compressed (zlib): index 0 is the lowest bit of the first byte.
 */
lst: string
}
/**
 * The private keys of one system, as they lie on its own machine and nowhere else.
 */
export interface SystemKeysFile {
/**
 * Its name to gateways: <region>/<id>.
 */
system: string
/**
 * The key by which it signs requests and answers: PKCS#8, PEM.
 */
signing: string
/**
 * The access certificate of that key, DER, base64.
 */
certificate?: string
/**
 * Keys that open bodies encrypted to its region.
 * 
 * @maxItems 4
 */
encryption?: DecryptionKey[]
}
export interface DecryptionKey {
kid: string
kty: ("EC" | "OKP")
crv: ("P-256" | "X25519")
x: Coordinate
y?: Coordinate
d: Coordinate
}
/**
 * Systems to be made for the reference federation, with fresh keys at every minting. Never for production.
 */
export interface SystemRecipe {
/**
 * @minItems 1
 * @maxItems 20
 */
systems: SystemRecipeRow[]
}
export interface SystemRecipeRow {
id: SystemId
name: Localized
algorithm: SystemAlgorithm
/**
 * With an access certificate beside the key.
 */
certificate?: true
/**
 * It is the region's gateway: bodies to the region are encrypted to a key of this kind, which it holds.
 */
encryption?: ("P-256" | "X25519")
/**
 * @minItems 1
 */
may: ("verify" | "convert" | "resolve" | "exchange" | "trace" | "objection" | "consent" | "notice" | "decide")[]
/**
 * @minItems 1
 * @maxItems 100
 */
purposes?: Purpose[]
perMinute: number
}
/**
 * A public key for key agreement: P-256 (RFC 7518 §6.2) or X25519 (RFC 8037).
 */
export interface EncryptionKey {
kid: string
kty: ("EC" | "OKP")
crv: ("P-256" | "X25519")
x: Coordinate
y?: Coordinate
use?: "enc"
}
/**
 * A region's own systems that may call the gateways of the federation, and the keys under which bodies to the region are encrypted. A region speaks only for itself: to gateways a system is <region>/<id>.
 */
export interface SystemList {
/**
 * @maxItems 200
 */
systems: SystemEntry[]
/**
 * Public keys under which bodies to this region's gateway are encrypted (JWE, ECDH-ES); the first is used, the others still open what is on its way.
 * 
 * @minItems 1
 * @maxItems 4
 */
encryption?: EncryptionKey[]
}
export interface SystemKeyEntry {
/**
 * SubjectPublicKeyInfo (RFC 5280 §4.1), DER, base64.
 */
spki: string
notBefore?: Instant
notAfter?: Instant
}
/**
 * Lists of codes that a region's rules refer to by name, as external.valueSets.<id>.
 */
export interface ValueSetList {
/**
 * @maxItems 500
 */
valueSets: ValueSet[]
}
export interface ValueSet {
id: string
date?: Day
name?: Localized
/**
 * @maxItems 10000
 */
values: string[]
}
