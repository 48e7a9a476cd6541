import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { doctorHelp, readDoctorOptions } from '../../cli/doctor-options.ts'
import { asPackage } from '../../common/host/command-names.ts'
import { settingsFindings } from '../../doctor/all-checks.ts'
import { ok } from '../../doctor/finding.ts'
import { runChecks } from '../../doctor/run-checks.ts'
import { environment, type Playlink, startPlaylink } from '../support/server/playlink.ts'
import { startWeb } from '../support/web.ts'
import { like } from './setup.ts'

const ROOT = new URL('../../', import.meta.url).pathname

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'playlink-doctor-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

async function doctor(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const child = spawn(process.execPath, ['--no-warnings', 'cli/doctor.ts', ...args], {
    cwd: ROOT,
    env: environment(folder, { CATALOGUE: join(ROOT, 'catalogue'), ...env }),
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const said = { out: '', err: '' }
  child.stdout.on('data', (chunk) => {
    said.out += chunk
  })
  child.stderr.on('data', (chunk) => {
    said.err += chunk
  })
  const [code] = await once(child, 'close')
  return { code, ...said }
}

test('options', () => {
  expect(readDoctorOptions([])).toEqual({ json: false })
  expect(readDoctorOptions(['--json'])).toEqual({ json: true })
  expect(readDoctorOptions(['-h'])).toEqual({ say: doctorHelp(), exitCode: 0 })
  expect(doctorHelp(asPackage)).toContain('playlink doctor --json')
  for (const args of [['--no'], ['all'], ['--json=1']]) {
    expect(readDoctorOptions(args)).toMatchObject({
      ...{ exitCode: 64, say: expect.stringContaining(doctorHelp()) },
    })
  }
})

describe('the checks', () => {
  test('run side by side, keep their order, and none is waited for too long', async () => {
    let running = 0
    const begun = Promise.withResolvers<void>()
    const together = async () => {
      running++
      if (running === 2) begun.resolve()
      await begun.promise
      return ok('together')
    }
    const found = await runChecks(
      [
        { name: 'hangs', run: () => new Promise(() => {}) },
        { name: 'first', run: together },
        { name: 'throws', run: () => Promise.reject(new Error('it broke')) },
        { name: 'second', run: together },
      ],
      500,
    )
    expect(found.map(({ name, state }) => [name, state])).toEqual([
      ...[
        ['hangs', 'fault'],
        ['first', 'ok'],
        ['throws', 'fault'],
        ['second', 'ok'],
      ],
    ])
    expect(found[0]).toEqual(like('fault', 'no answer within 500 ms', 'run this again'))
    expect(found[2]).toEqual(like('fault', 'it broke', 'run this again'))
  })

  test('what is wrong with the settings has a line each', () => {
    const loaded = { faults: ['PORT is bad', 'PROT?'], warnings: ['PROT?'] }
    expect(settingsFindings(loaded)).toEqual([
      like('fault', 'PORT is bad', '.env'),
      like('warning', 'PROT?', '.env'),
    ])
  })
})

describe('npm run doctor', () => {
  test('a line each, and 0 without a fault; nothing is written', async () => {
    const { code, out, err } = await doctor([], { CACHE_MAXSIZE: '5' })
    expect([code, err]).toEqual([0, ''])
    expect(out).toMatch(/^ok +node +Node \d/)
    expect(out).toMatch(/^warning +settings +CACHE_MAXSIZE is not a setting.* Did you mean/m)
    expect(out).toMatch(/^ok +CATALOGUE /m)
    expect(await readdir(folder)).toEqual([])
  })

  test('1 for faults, also of settings, and JSON for programs', async () => {
    const { code, out } = await doctor(['--json'], { PORT: 'x' })
    expect([code, JSON.parse(out)]).toEqual([
      1,
      { ok: false, checks: [like('ok', 'Node'), like('fault', 'PORT must be', 'README.md')] },
    ])
    expect((await doctor(['--what'])).code).toBe(64)
  })

  test('keys are covered, whoever quotes them', async () => {
    const key = 'Geheim0geheim1geheim2'
    const web = await startWeb(
      (req, res) => void res.writeHead(302, { Location: `x:${req.url}` }).end(),
    )
    const { code, out } = await doctor([], {
      TORZNAB: `${web.base}/api?apikey=${key}`,
      UPSTREAM_ADDONS: `${web.base}/${key}/manifest.json`,
      CATALOGUE: `${web.base}/${key}/titles.yaml?token=${key}`,
    })
    await web.close()
    expect(code).toBe(1)
    expect(out).toMatch(/^fault +torznab /m)
    expect(out).not.toContain(key)
  })

  describe('beside the server', () => {
    let server: Playlink
    beforeEach(async () => {
      server = await startPlaylink(folder)
    })
    afterEach(() => server.stop())

    test('asks the one that runs', async () => {
      const env = { PORT: String(server.port), PUBLIC_URL: server.base, CACHE_DIR: server.cacheDir }
      const before = await readdir(server.cacheDir)
      const { code, out } = await doctor([], env)
      expect([code, out]).toEqual([0, expect.stringContaining('a Playlink serves on')])
      expect(out).toMatch(/^ok +PUBLIC_URL +.* answers with this addon's manifest$/m)
      expect(await readdir(server.cacheDir)).toEqual(before)
    })
  })
})
