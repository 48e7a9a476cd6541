import { execFile } from 'node:child_process'
import dns from 'node:dns/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from '@jest/globals'
import { environment } from '../support/server/playlink.ts'

/** TEST-NET-1 (RFC 5737): nobody is there, should the guard be gone. */
const OUTSIDE = '192.0.2.1'
const run = promisify(execFile)

test('the guard is in this process too', () => {
  expect(process.execArgv.join(' ')).toContain('test/support/server/loopback-only.ts')
})

test.each([
  ['a connection', `net.connect(9, '${OUTSIDE}')`],
  ['a TLS connection', `tls.connect(9, '${OUTSIDE}')`],
  ['a request', `http.get('http://${OUTSIDE}/')`],
  ['a datagram', `dgram.createSocket('udp4').send('x', 9, '${OUTSIDE}')`],
])(
  'a server that a test starts cannot reach anything but this machine: %s',
  async (_what, code) => {
    const env = environment(import.meta.dirname, {})
    const script = `const [net, tls, http, dgram] = ['net', 'tls', 'http', 'dgram'].map((name) => require(name)); ${code}`
    await expect(run(process.execPath, ['-e', script], { env })).rejects.toMatchObject({
      stderr: expect.stringContaining('stay on this machine'),
    })
  },
)

test('a name has no address', async () => {
  const lookup = join(import.meta.dirname, '../support/server/loopback-only.ts')
  const code = "require('node:dns').lookup('example.org', (error) => process.exit(error ? 3 : 0))"
  const asked = run(process.execPath, ['--import', lookup, '-e', code])
  await expect(asked).rejects.toMatchObject({ code: 3 })
  expect((await dns.lookup('127.0.0.1')).address).toBe('127.0.0.1')
})
