import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { MAX_URL_BYTES } from '../common/network/foreign-url.ts'
import { BadValue, type Parse, shown } from './bad-value.ts'

/** A folder, made absolute. */
export const folder: Parse<string> = (text, cwd) => {
  if (text.includes('\0')) throw new BadValue(`must be a path, not ${shown(text)}.`)
  // Only shells read it: here it would be a folder of that name in the working folder.
  if (/^~(?:[/\\]|$)/.test(text)) {
    throw new BadValue(`must be a path with the home folder written out, not ${shown(text)}.`)
  }
  return path.resolve(cwd, text)
}

/** A file, made absolute. */
export const filePath: Parse<string> = (text, cwd) => {
  if (/[/\\]$/.test(text)) throw new BadValue(`must be a file, not the folder ${shown(text)}.`)
  return folder(text, cwd)
}

/** A scheme of two letters or more, so that `C:\films` stays a path. */
const SCHEME = /^[a-z][a-z\d+.-]+:/i

function place(entry: string, cwd: string): string {
  if (!SCHEME.test(entry)) return folder(entry, cwd)
  const url = URL.canParse(entry) ? new URL(entry) : undefined
  if (url?.protocol === 'http:' || url?.protocol === 'https:') {
    if (url.href.length <= MAX_URL_BYTES) return url.href
    throw new BadValue(`has more than 8 KiB in an address (host ${url.host}).`)
  }
  if (url?.protocol === 'file:') return localPath(url, entry)
  // Of a URL its scheme only: the rest of it may hold a password.
  const scheme = shown(entry.slice(0, entry.indexOf(':') + 1))
  throw new BadValue(`must name files, folders, http or https URLs; ${scheme} begins none.`)
}

function localPath(url: URL, entry: string): string {
  try {
    return fileURLToPath(url)
  } catch {
    throw new BadValue(`must name files of this machine; ${shown(entry)} is none.`)
  }
}

/** Files, folders or URLs separated by spaces; `file:` URLs can name a path with a space (%20). */
export const places: Parse<readonly string[]> = (text, cwd) => {
  const entries = text.split(/\s+/).filter((entry) => entry !== '')
  if (entries.length === 0) throw new BadValue('must name at least one file, folder or URL.')
  return entries.map((entry) => place(entry, cwd))
}

/** Folders separated by spaces, each once; as `places`, but none of them a web address. */
export const folders: Parse<readonly string[]> = (text, cwd) => {
  const entries = text.split(/\s+/).filter((entry) => entry !== '')
  if (entries.length === 0) throw new BadValue('must name at least one folder.')
  if (entries.some((entry) => /^https?:/i.test(entry))) {
    throw new BadValue('must name folders of this machine, not web addresses.')
  }
  return [...new Set(entries.map((entry) => place(entry, cwd)))]
}
