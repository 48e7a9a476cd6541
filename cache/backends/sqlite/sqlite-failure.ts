import { errorCode } from '../../../common/errors.ts'

/** The file is the database of another program: it must not be changed, renamed or removed. */
export class ForeignDatabase extends Error {
  override readonly name = 'ForeignDatabase'
  readonly code = 'FOREIGN_DATABASE'
}

/**
 * Kinds of failures (https://sqlite.org/rescode.html), by what is done about them:
 * - `refused`: busy, full or read-only. Writes wait; reads may still work.
 * - `broken`: the content is not what it should be. The file is renamed and a new one begun.
 * - `lost`: the file cannot be reached. It is opened again later.
 */
export type FailureKind = 'refused' | 'broken' | 'lost'

const REFUSED = /^SQLITE_(BUSY|LOCKED|FULL|READONLY|PROTOCOL)(_|$)/
/** SQLITE_ERROR: our statements do not fit the tables, so somebody has changed them. */
const BROKEN = /^SQLITE_(CORRUPT|NOTADB|ERROR|SCHEMA|FORMAT)(_|$)/

/** The tables refuse a value, which is an error of this program: nothing is wrong with the file. */
const OURS = /^SQLITE_(CONSTRAINT|MISMATCH|RANGE|MISUSE|TOOBIG)(_|$)/

/** Undefined: not a failure of the database but an error of this program, to be thrown on. */
export function failureOf(error: unknown): FailureKind | undefined {
  const code = errorCode(error)
  if (code === undefined) return undefined
  if (code === 'SQLITE_READONLY_DBMOVED') return 'lost'
  if (REFUSED.test(code)) return 'refused'
  if (BROKEN.test(code)) return 'broken'
  if (OURS.test(code)) return undefined
  if (/^(SQLITE_|E[A-Z]+$|FOREIGN_DATABASE$)/.test(code)) return 'lost'
  return undefined
}
