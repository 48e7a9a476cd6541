import { errorCode } from '../../disk/replace-file.ts'

/** The file is somebody else's database: nothing in it may be changed, renamed or removed. */
export class ForeignDatabase extends Error {
  override readonly name = 'ForeignDatabase'
  readonly code = 'FOREIGN_DATABASE'
}

/**
 * What a failed call says of the database (https://sqlite.org/rescode.html), by what is to be done:
 * - `refused`: busy, full or read-only. What is in it can perhaps still be read.
 * - `broken`: its content is not what it should be. Set aside, begun anew.
 * - `lost`: the file cannot be reached. Opened again later.
 */
export type FailureKind = 'refused' | 'broken' | 'lost'

const REFUSED = /^SQLITE_(BUSY|LOCKED|FULL|READONLY|PROTOCOL)(_|$)/
/** SQLITE_ERROR: our own statements do not fit its tables, so these are not ours any more. */
const BROKEN = /^SQLITE_(CORRUPT|NOTADB|ERROR|SCHEMA|FORMAT)(_|$)/

/** A value that the tables refuse: nothing is wrong with the file. */
const OURS = /^SQLITE_(CONSTRAINT|MISMATCH|RANGE|MISUSE|TOOBIG)(_|$)/

/** undefined: not the database's failure but ours, and not to be hidden. */
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
