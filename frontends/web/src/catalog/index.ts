/** The same words in another language: a key that is missing, or one too many, does not compile. */
export type In<T> = { readonly [K in keyof T]: string };
