import { execFile, spawnSync } from 'node:child_process'
import { mkdir, open, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { MiB } from '../swarm/payload.ts'

const run = promisify(execFile)

/** A volume of its own (tmpfs), so that full, out of names and read-only are the real thing. */
export interface SmallVolume {
  readonly dir: string
  /** Takes all room there is; answers what gives it back. */
  fill(): Promise<() => Promise<void>>
  /** Takes all names (inodes) there are; likewise. */
  fillNames(): Promise<() => Promise<void>>
  /** @throws when something is open for writing on it */
  remount(mode: 'ro' | 'rw'): Promise<void>
  end(): Promise<void>
}

/**
 * Only root may mount. Elsewhere the answer is why not, as the system said it.
 * @param options of tmpfs(5), `size=80m,nr_inodes=100`
 */
export async function mountVolume(dir: string, options: string): Promise<SmallVolume | string> {
  await mkdir(dir, { recursive: true })
  try {
    await run('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', dir])
  } catch (error) {
    return String((error as { stderr?: string }).stderr ?? error)
  }
  // Whatever becomes of the test, and whoever is still in it.
  const unmount = (): void => void spawnSync('umount', ['--lazy', dir], { stdio: 'ignore' })
  process.once('exit', unmount)
  return {
    dir,
    async fill() {
      const path = join(dir, 'filler')
      const file = await open(path, 'w')
      for (let chunk = MiB; chunk >= 512; ) {
        const done = await file.write(Buffer.alloc(chunk, 1)).catch(() => undefined)
        if (!done) chunk /= 2
      }
      await file.close()
      return () => rm(path)
    },
    async fillNames() {
      const paths: string[] = []
      for (;;) {
        const path = join(dir, `name-${paths.length}`)
        if (
          !(await writeFile(path, '').then(
            () => true,
            () => false,
          ))
        )
          break
        paths.push(path)
      }
      return async () => {
        for (const path of paths) await rm(path)
      }
    },
    remount: async (mode) => void (await run('mount', ['-o', `remount,${mode}`, dir])),
    async end() {
      process.off('exit', unmount)
      unmount()
    },
  }
}

/** What such a test does where nothing can be mounted: it says so, and is sure that this is the reason. */
export function notRun(what: string, why: string): void {
  process.stdout.write(`NOT RUN, for only root may mount: ${what}\n`)
  if (!/superuser|permission|not permitted|denied/i.test(why)) throw new Error(why)
}
