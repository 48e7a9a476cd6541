import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

export const CERTIFICATES = '/etc/ssl/certs/ca-certificates.crt'

/** As the image's, security mends among them. */
const SOURCES = `Types: deb
URIs: http://deb.debian.org/debian
Suites: bookworm bookworm-updates
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg

Types: deb
URIs: http://deb.debian.org/debian-security
Suites: bookworm-security
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg
`

/** What the slim images have no room for: licences stay. */
const SLIM = [
  'find usr/share/doc -type f ! -name copyright -delete',
  'find usr/share/doc -type l -delete',
  'rm -rf usr/share/man usr/share/locale usr/share/info usr/share/groff usr/share/lintian',
  'rm -rf var/lib/apt/lists/* var/cache/apt/* var/log/*',
  'rm -f etc/apt/sources.list',
].join(' && ')

/** debian:bookworm-slim, as near as debootstrap comes. */
export function makeDebian(dir: string): void {
  execFileSync('debootstrap', ['--variant=minbase', 'bookworm', dir], { stdio: 'inherit' })
  execFileSync('sh', ['-c', SLIM], { cwd: dir, stdio: 'inherit' })
  writeFileSync(join(dir, 'etc/apt/sources.list.d/debian.sources'), SOURCES)
}

/** node:24-bookworm-slim, with the Node and npm of this machine in the places where it has them. */
export function makeNode(dir: string, debian: string): void {
  execFileSync('cp', ['-a', debian, dir])
  const local = join(dir, 'usr/local')
  cpSync(process.execPath, join(local, 'bin/node'))
  const npmPath = execFileSync('which', ['npm'], { encoding: 'utf8' }).trim()
  const npm = dirname(dirname(execFileSync('readlink', ['-f', npmPath], { encoding: 'utf8' })))
  cpSync(npm, join(local, 'lib/node_modules/npm'), { recursive: true })
  for (const name of ['npm', 'npx']) {
    symlinkSync(`../lib/node_modules/npm/bin/${name}-cli.js`, join(local, 'bin', name))
  }
  const licence = join(dirname(dirname(process.execPath)), 'LICENSE')
  if (existsSync(licence)) cpSync(licence, join(local, 'LICENSE'))
}

/** What an engine for containers puts into a root while something runs in it, and takes out again. */
const LENT = ['/etc/resolv.conf', '/etc/hosts', CERTIFICATES]

export function lend(dir: string): void {
  for (const file of LENT) {
    mkdirSync(join(dir, dirname(file)), { recursive: true })
    cpSync(file, join(dir, file))
  }
}

export function takeBack(dir: string): void {
  for (const file of LENT) rmSync(join(dir, file), { force: true })
}
