/**
 * Eleven digits, as a citizen's or a telephone number has, also with signs between them: no reason holds them. As
 * disposition.schema.json has it; here for pages that have no validator.
 */
export const NUMBER_IN_WORDS = /(\p{Nd}[ .·_/-]{0,3}){11}/u;
