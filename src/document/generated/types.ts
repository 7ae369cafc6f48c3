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
 * An instant or a day.
 */
export type Moment = string
/**
 * One document to be verified, and for whom.
 */
export type Ask = (Ask1 & Ask2)
export type Ask1 = {
[k: string]: unknown
}
/**
 * A moment in UTC, RFC 3339.
 */
export type Instant = string
export type Family = ("code" | "pass" | "licence" | "statement")
/**
 * A JSON Pointer, RFC 6901.
 */
export type Pointer = string
/**
 * A calendar day. As an end of validity it counts through the end of that day, UTC+8.
 */
export type Day = string
/**
 * production; rehearsal (演练); reference (made-up issuers, for learning and tests). A document of one is never good in another.
 */
export type Environment = ("production" | "rehearsal" | "reference")
export type SignatureAlgorithm = ("ES256" | "ES384" | "PS256" | "RS256" | "EdDSA" | "SM2-SM3")
export type Stage = ("open" | "resolve" | "authenticate" | "convert" | "validate" | "judge")
/**
 * open: accepted if the officer does the one thing named. note: told for information, decides nothing.
 */
export type FindingResult = ("pass" | "fail" | "unknown" | "skipped" | "open" | "note")
/**
 * proof: a failure proves forgery, tampering or revocation. authenticity: without it nobody knows who made the document. requirement: the verifying region asks for it. notice: decides nothing.
 */
export type Severity = ("proof" | "authenticity" | "requirement" | "notice")
export type MapRow = ({
[k: string]: unknown
} & {
to: Pointer
from?: Pointer
/**
 * A constant instead of a source.
 */
value?: (string | number | boolean)
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
 * The name of a conversion, or one name with its argument.
 */
export type ConversionWord = (string | {
[k: string]: string | number | boolean | unknown[] | {
[k: string]: unknown
}
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
unit?: string
/**
 * @maxItems 100
 */
documentTypes?: TypeCode[]
validFrom?: Instant
validUntil?: Instant
/**
 * In order of time; none means active.
 * 
 * @maxItems 20
 */
status?: KeyStatus[]
})
export type Outcome = ("accept" | "conditional" | "refuse" | "undetermined")

export interface Schemas {
"agreements.agreement"?: Agreement
"agreements.exclusion"?: Exclusion
agreements?: AgreementList
ask?: Ask
catalogue?: Catalogue
"code-list"?: CodeList
"common.regionId"?: RegionId
"common.localized"?: Localized
"common.instant"?: Instant
"common.day"?: Day
"common.moment"?: Moment
"common.pointer"?: Pointer
"common.typeCode"?: TypeCode
"common.purpose"?: Purpose
"common.formatId"?: FormatId
"common.environment"?: Environment
"common.family"?: Family
"common.legalBasis"?: LegalBasis
"common.algorithmName"?: SignatureAlgorithm
conversion?: ConversionProof
disposition?: Disposition
document?: SharedDocument
federation?: FederationManifest
finding?: Finding
"format.map"?: FormatMap
"format.conversion"?: ConversionWord
"format.absent"?: FormatAbsent
"format.ignore"?: FormatIgnore
format?: FormatDeclaration
"issuer-recipe.relative"?: RelativeTime
"issuer-recipe"?: IssuerRecipe
issuers?: IssuerList
receipt?: Receipt
reference?: Reference
region?: RegionManifest
revocations?: RevocationList
sample?: SampleRecipe
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
from?: Moment
until?: Moment
/**
 * What the officer must do before a document is accepted.
 * 
 * @maxItems 10
 */
requires?: Localized[]
basis: LegalBasis
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
 * The negative list: goes before every agreement.
 * 
 * @maxItems 2000
 */
excluded?: Exclusion[]
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
reference?: Reference
for?: RegionId
purpose?: Purpose
at?: Instant
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
 * The document types and purposes that the federation knows. It grows without code.
 */
export interface Catalogue {
/**
 * @maxItems 2000
 */
documentTypes: CatalogueType[]
/**
 * @maxItems 100
 */
purposes: CataloguePurpose[]
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
 * What an officer compares with person, card or vehicle.
 * 
 * @maxItems 6
 */
compare?: Pointer[]
/**
 * Names of what stands on its face.
 */
faceFields?: {
[k: string]: Localized
}
}
export interface CataloguePurpose {
code: Purpose
name: Localized
/**
 * The only parts of a document that a verdict for this purpose shows. A pointer stands for all below it, except identities, which must each be named.
 * 
 * @maxItems 100
 */
discloses: Pointer[]
}
/**
 * A region's code list, mapped to shared words. Every colour scheme is its own list.
 */
export interface CodeList {
list: string
version: number
name: Localized
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
 * What was then done: 放行, 劝返, 移交, 人工放行 (with its reason).
 */
export interface Disposition {
action: ("let-pass" | "turn-back" | "hand-over" | "let-pass-by-hand")
/**
 * Why; needed for let-pass-by-hand. No names, no numbers of persons.
 */
reason?: string
at: Instant
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
 * The part of the region that issued it, as the document says (a guest's country, a city).
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
canonical: string
raw: string
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
onceId?: string
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
 * For engineers, in English. Never a value from the document.
 */
detail?: string
basis?: LegalBasis
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
/**
 * Steps from the text or file to the envelope, outermost first, by the names of the transport table.
 * 
 * @maxItems 6
 */
transport: string[]
envelope: Envelope
/**
 * A row of the payload table.
 */
payload: string
limits?: FormatLimits
documentType?: TypeCode
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
}
/**
 * What a text or file must show to be taken for this format. Every word given must hold; the more they say, the higher the score.
 */
export interface Recognise {
/**
 * The text begins so. The prefix is taken off before the first transport step.
 */
prefix?: string
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
 * A JSON object in which these pointers exist.
 * 
 * @minItems 1
 * @maxItems 10
 */
json?: Pointer[]
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
}
export interface FormatLimits {
input?: number
inflated?: number
depth?: number
items?: number
}
export interface FormatCase {
documentType: TypeCode
when: When
map: FormatMap
absent?: FormatAbsent
ignore?: FormatIgnore
}
export interface When {
at: Pointer
equals?: (string | number | boolean)
/**
 * A list with exactly one element.
 */
single?: true
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
}
export interface IssuerRecipeRow {
name: string
title: Localized
algorithm: SignatureAlgorithm
/**
 * certificate: self-signed X.509, key id from its SHA-256. jwk: a bare key, key id from its thumbprint or as given.
 */
container: ("certificate" | "jwk")
keyId?: string
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
export interface RecipeStatus {
state: ("active" | "retiring" | "retired" | "compromised" | "removed")
since: RelativeTime
reason?: string
}
/**
 * The keys that may sign a region's documents, each with its scope and status history.
 */
export interface IssuerList {
issued: Instant
source?: string
/**
 * @maxItems 100000
 */
issuers: IssuerEntry[]
}
export interface KeyStatus {
state: ("active" | "retiring" | "retired" | "compromised" | "removed")
since: Instant
reason?: string
}
/**
 * The trace of one verdict. Holds nothing that identifies a person.
 */
export interface Receipt {
/**
 * Random; the person-free case code is its beginning.
 */
id: string
at: Instant
federation: string
environment: Environment
region: RegionId
purpose: Purpose
checkpoint?: string
/**
 * Officer's number, not a name.
 */
officer?: string
businessCode?: string
outcome: ("accept" | "conditional" | "refuse" | "undetermined")
reasons: string[]
findings?: string[]
documentType?: TypeCode
format?: FormatId
issuingRegion?: RegionId
keyId?: string
documentDigest: DocumentDigest
clock?: ("system" | "stated")
restsOn: ReceiptPart[]
disposition?: Disposition
}
/**
 * Keyed digest of the document; the key changes per checkpoint and day and is destroyed after the objection window.
 */
export interface DocumentDigest {
algorithm: ("HMAC-SM3" | "HMAC-SHA-256")
keyId: string
value: string
}
export interface ReceiptPart {
part: string
version?: number
issued: Instant
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
 * Extended key usages: a certificate that has any of these may sign only these types; one that has none may sign all.
 * 
 * @maxItems 40
 */
keyPurposes?: KeyPurpose[]
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
/**
 * Documents a region has revoked. An id acts only on documents of this region; once revoked, always revoked.
 */
export interface RevocationList {
issued: Instant
/**
 * @maxItems 1000000
 */
revoked: RevokedDocument[]
}
export interface RevokedDocument {
/**
 * The document's revocation id, or the first half (r) of its raw signature in base64url.
 */
id: string
since: Instant
reasonCode?: string
}
/**
 * A document to be made for the reference federation, and the verdict it must get.
 */
export interface SampleRecipe {
name: string
title: Localized
format: FormatId
/**
 * Which minted issuer signs: a name of issuers/recipe.json; `nobody` is a key that no list knows.
 */
signer?: string
/**
 * The shared document; a time may be relative to the minting: @-2d, @+30d, @+10m.
 */
document: {
[k: string]: unknown
}
/**
 * What is done to the document after it is signed.
 */
change?: ("none" | "alter-payload" | "cut-short")
expect: Expectation
because?: string
}
export interface Expectation {
outcome: ("accept" | "conditional" | "refuse" | "undetermined")
reasons?: string[]
for?: RegionId
purpose?: Purpose
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
format?: VerdictFormat
issuer?: VerdictIssuer
/**
 * True if a trusted key verified the document shown below; false if it is only what was presented.
 */
authentic?: boolean
document?: SharedDocument
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
export interface Part {
part: string
version?: number
issued: Instant
state: ("fresh" | "warn" | "block")
}
