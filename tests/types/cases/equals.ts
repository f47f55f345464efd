/** Compiles only where `A` and `B` are one and the same type. */
export type Equals<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

/** Fails to compile unless the type argument is `true`. */
export declare function holds<_T extends true>(): void;
