import { crc32 } from 'node:zlib'
import { z } from 'zod'
import type { SavedValue } from './value-table.ts'

// The journal's text. The first line is `playlink values 1 <last revision>`; every other one is
// `<CRC-32 of the rest, 8 hex digits> <revision>\t<expires at>\t<name as JSON>\t<value as JSON>`.
// JSON escapes tabs and line breaks, so neither is in a name or a value.

const HEADER = /^playlink values 1 (\d{1,16})$/
const LINE = /^([0-9a-f]{8}) ([^\t]+)\t([^\t]+)\t("[^\t]*")\t([^\t]+)$/

const headOf = z.tuple([z.coerce.number<string>().int().positive(), z.coerce.number<string>()])

export const headerLine = (lastRevision: number): string => `playlink values 1 ${lastRevision}\n`

/** The last revision that was given; undefined when the line is no header of ours. */
export function lastRevisionIn(line: string): number | undefined {
  const [, digits] = HEADER.exec(line) ?? []
  return digits === undefined ? undefined : Number(digits)
}

export function valueLine({ name, json, revision, expiresAt }: SavedValue): string {
  const rest = `${revision}\t${expiresAt}\t${JSON.stringify(name)}\t${json}`
  return `${checksum(rest)} ${rest}\n`
}

/** Undefined for a line that is not whole, or not ours. */
export function valueInLine(line: string): SavedValue | undefined {
  const [, sum, revisionText, expiresText, nameJson = '', json = ''] = LINE.exec(line) ?? []
  if (sum === undefined || checksum(line.slice(9)) !== sum) return undefined
  const head = headOf.safeParse([revisionText, expiresText]).data
  if (!head) return undefined
  const [revision, expiresAt] = head
  return { name: JSON.parse(nameJson) as string, json, revision, expiresAt }
}

const checksum = (text: string): string => crc32(text).toString(16).padStart(8, '0')
