/**
 * A text or file from outside is invalid or beyond our limits. The message is a sentence for its
 * owner.
 */
export class ValidationError extends Error {
  override readonly name = 'ValidationError'
}

/** It is well-formed, but for BitTorrent v2 only (BEP 52). */
export class V2OnlyError extends ValidationError {}
