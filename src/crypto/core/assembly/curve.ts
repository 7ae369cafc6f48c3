import { ELEMENT } from './field';

/**
 * The numbers of a curve, written into memory by the host (core.ts) before anything else. Elements are nine limbs of 29
 * bits, R = 2^261.
 */
export const P: usize = 0;
/** R, R² and R³ modulo p: one in Montgomery form, and what brings numbers and inverses into it. */
export const ONE: usize = 36;
export const RR: usize = 72;
export const RRR: usize = 108;
export const N: usize = 144;
/** R² modulo n. */
export const N_RR: usize = 180;
/** p and n as nine limbs of 30 bits, for inverting. */
export const P_30: usize = 216;
export const N_30: usize = 252;
/** −1/n modulo 2^29; 1/p and 1/n modulo 2^30. */
export const N_FACTOR: usize = 288;
export const P_INVERSE: usize = 292;
export const N_INVERSE: usize = 296;
/** The base point's table, and its width. */
export const BASE_TABLE: usize = 300;
export const BASE_WIDTH: usize = 304;
/** 2^260 modulo p: what brings an element into the form of product4.ts. */
export const DOWN: usize = 308;
/** One in that form, four times: written with the first table. */
export const QUAD_ONE: usize = 352;
const CURVE: i32 = 512;

const P256_CURVE = memory.data(CURVE, 16);
const SM2_CURVE = memory.data(CURVE, 16);

/** Where the host writes the numbers of P-256 (1) or SM2 (2). */
export function curve(kind: i32): usize {
  return kind == 1 ? P256_CURVE : SM2_CURVE;
}

// @ts-ignore: decorator
@inline
export function curveOf<C>(): usize {
  return sizeof<C>() == 1 ? P256_CURVE : SM2_CURVE;
}

// @ts-ignore: decorator
@inline
export function element(): usize {
  return memory.data(ELEMENT, 8);
}
