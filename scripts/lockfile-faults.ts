/** What npm writes of one package. */
export interface LockEntry {
  readonly integrity?: string
  readonly gypfile?: boolean
  readonly engines?: unknown
  readonly libc?: readonly string[]
}

export interface Lockfile {
  readonly packages: Readonly<Record<string, LockEntry>>
}

/**
 * What would make `npm ci` fail, warn or fetch unchecked bytes on some machine; one sentence each.
 * npm's own next install brings some of it back, and scripts/mend-lockfile.mjs takes it away again.
 */
export function lockfileFaults({ packages }: Lockfile): string[] {
  const faults: string[] = []
  for (const [place, entry] of Object.entries(packages)) {
    if (place === '') continue
    if (!entry.integrity) faults.push(`${place} has no integrity`)
    if (entry.engines) faults.push(`${place} has engines, of which an old npm's Node is warned`)
  }
  if (packages['node_modules/better-sqlite3']?.gypfile !== false) {
    faults.push('better-sqlite3 would be compiled: "gypfile": false is gone')
  }
  for (const machine of ['linux-x64', 'linux-arm64']) {
    const { libc } = packages[`node_modules/node-${machine}`] ?? {}
    if (libc?.join() !== 'glibc') faults.push(`node-${machine} would be installed without glibc`)
  }
  return faults
}
