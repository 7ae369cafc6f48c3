// Made from schemas/ by scripts/generate.ts. Do not edit.
/** One thing that does not fit: where (instancePath, a JSON Pointer), which keyword, and ajv's words for it. */
export interface SchemaError {
  readonly instancePath: string;
  readonly keyword: string;
  readonly message?: string;
  readonly params: Record<string, unknown>;
}
export interface Validate {
  (data: unknown): boolean;
  errors?: readonly SchemaError[] | null;
}
export const validateAgreements: Validate;
export const validateAllotments: Validate;
export const validateApiKeys: Validate;
export const validateAreas: Validate;
export const validateAsk: Validate;
export const validateBundleIndex: Validate;
export const validateCatalogue: Validate;
export const validateChallengeAsk: Validate;
export const validateChallenge: Validate;
export const validateCodeList: Validate;
export const validateCompositions: Validate;
export const validateConnector: Validate;
export const validateConsent: Validate;
export const validateConversion: Validate;
export const validateConvertAnswer: Validate;
export const validateConvertAsk: Validate;
export const validateDeviceReceiptsAnswer: Validate;
export const validateDeviceReceipts: Validate;
export const validateDisposition: Validate;
export const validateDocument: Validate;
export const validateExternalSigner: Validate;
export const validateFederation: Validate;
export const validateFinding: Validate;
export const validateFormat: Validate;
export const validateFounding: Validate;
export const validateGroupAsk: Validate;
export const validateGroupRecipe: Validate;
export const validateGroupVerdict: Validate;
export const validateIssuance: Validate;
export const validateIssuerRecipe: Validate;
export const validateIssuers: Validate;
export const validateKeptIndex: Validate;
export const validateMemory: Validate;
export const validateProposal: Validate;
export const validateReceipt: Validate;
export const validateReferenceFormat: Validate;
export const validateReference: Validate;
export const validateRegion: Validate;
export const validateRegistration: Validate;
export const validateRevocationSet: Validate;
export const validateRevocations: Validate;
export const validateRules: Validate;
export const validateSample: Validate;
export const validateStatusList: Validate;
export const validateSystemKeys: Validate;
export const validateSystemRecipe: Validate;
export const validateSystems: Validate;
export const validateUse: Validate;
export const validateValueSets: Validate;
export const validateVerdict: Validate;
