import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'

/** The forms in which a secret may leave; made without the code that recognises them. */
function formsOf(secret: string): readonly string[] {
  const bytes = Buffer.from(secret)
  const everyByte = [...bytes].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('')
  // What base64 says of the inner bytes, whatever stands before: three bytes are four characters.
  const inside = [0, 1, 2].map((cut) => {
    const whole = bytes.subarray(cut, cut + 3 * Math.floor((bytes.length - cut) / 3))
    return whole.toString('base64')
  })
  return [
    secret,
    encodeURIComponent(secret),
    encodeURIComponent(encodeURIComponent(secret)),
    everyByte,
    JSON.stringify(secret).slice(1, -1),
    bytes.toString('hex'),
    ...inside,
    ...inside.map((text) => text.replaceAll('+', '-').replaceAll('/', '_')),
  ]
}

/** Which of the secrets a text has in it, by name; none when all is well. */
export function secretsIn(text: string, secrets: Readonly<Record<string, string>>): string[] {
  const lower = text.toLowerCase()
  return Object.entries(secrets)
    .filter(([, secret]) => formsOf(secret).some((form) => lower.includes(form.toLowerCase())))
    .map(([name]) => name)
}

export interface FoundFile {
  /** Below the folder. */
  readonly path: string
  /** Permission bits. */
  readonly mode: number
  readonly secrets: readonly string[]
}

/** Every file below a folder that has a secret in its name or its bytes. */
export async function filesWith(
  folder: string,
  secrets: Readonly<Record<string, string>>,
): Promise<FoundFile[]> {
  const found: FoundFile[] = []
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue
    const path = join(entry.parentPath, entry.name)
    // A temporary file may have been renamed meanwhile.
    const bytes = await readFile(path).catch(() => undefined)
    if (!bytes) continue
    const inside = secretsIn(`${entry.name}\n${bytes.toString('latin1')}`, secrets)
    if (inside.length === 0) continue
    const { mode } = await stat(path)
    found.push({ path: path.slice(folder.length + 1), mode: mode & 0o777, secrets: inside })
  }
  return found
}
