import { spawn } from 'node:child_process'
import { text } from 'node:stream/consumers'
import { describe, expect, test } from '@jest/globals'

const KEY = 't0rznabApiK3y'
const PASSWORD = 'r3dis-P4ssword'

/** Ends with an error that nobody caught, in a process of its own. */
async function crash(how: string): Promise<{ code: number | null; out: string }> {
  const program = `
    import { tellCrashes } from './cli/fail.ts'
    import { Secrets } from './common/secrets/secrets.ts'
    const secrets = new Secrets({ keys: ['${PASSWORD}'], pathParts: [] })
    tellCrashes((text) => secrets.coveredLine(text))
    const address = 'https://indexer.example/api?apikey=${KEY}'
    setTimeout(() => {}, 60_000)
    ${how}`
  const args = ['--no-warnings', '--input-type=module-typescript', '-e', program]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  const [code, ...outs] = await Promise.all([
    new Promise<number | null>((resolve) => child.once('close', resolve)),
    text(child.stdout),
    text(child.stderr),
  ])
  return { code, out: outs.join('') }
}

describe('an error that nobody caught ends the process, and tells no secret', () => {
  test.each([
    ['in its message', "throw new Error('failed: ' + address)"],
    ['in its cause', "throw new Error('failed', { cause: new Error('at ' + address) })"],
    ['in a property', "throw Object.assign(new Error('failed'), { url: address })"],
    ['in a promise', "void Promise.reject(new Error('failed: ' + address))"],
    ['in a timer', "setTimeout(() => { throw new Error('failed: ' + address) }, 1)"],
    ['in no error at all', 'throw { failed: address }'],
    ['as a key of the settings', `throw new Error("failed: redis said ${PASSWORD}")`],
    ['among several', "throw new AggregateError([new Error('failed: ' + address)], 'failed')"],
  ])('%s', async (_, how) => {
    const { code, out } = await crash(how)
    expect(code).toBe(1)
    expect(out).toContain('failed')
    expect(out).not.toContain(KEY)
    expect(out).not.toContain(PASSWORD)
    expect(out).toContain('[secret]')
  })
})
