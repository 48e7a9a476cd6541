// `npm run test:install`: what the README tells first, on other machines. With the npm and the Node of
// each line, in an empty home folder and without a compiler: `npm ci`, `npm start`, a stop by the whole
// process group, and an `npm install` that leaves the lockfile good. Fetches from npm's registry.
// The package is installed into an empty folder in place of that, and started by its own name.
// `npm run test:install -- 18 production` runs the cases whose name has one of these words.

import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type InstallCase, tryInstall } from './install-case.ts'
import { packInto } from './package/pack-into.ts'
import { projectRoot } from './run-command.ts'

const CASES: readonly InstallCase[] = [
  { name: 'Node 18', node: '18.20.8', npm: '10.8.2', args: [], env: {} },
  { name: 'Node 20', node: '20.20.2', npm: '10.8.2', args: [], env: {} },
  { name: 'Node 22', node: '22.23.3', npm: '10.9.8', args: [], env: {} },
  { name: 'Node 24', node: '24.9.0', npm: '11.6.0', args: [], env: {} },
  {
    ...{ name: 'Node 18, --omit=dev', node: '18.20.8', npm: '9.8.1' },
    ...{ args: ['--omit=dev'], env: {} },
  },
  {
    ...{ name: 'Node 20, production', node: '20.20.2', npm: '10.8.2' },
    ...{ args: [], env: { NODE_ENV: 'production' } },
  },
  ...(
    [
      ['18', '18.20.8', '9.8.1'],
      ['20', '20.20.2', '10.8.2'],
      ['24', '24.9.0', '11.6.0'],
    ] as const
  ).map(([major, node, npm]) => ({
    ...{ name: `package, Node ${major}`, node, npm, args: [], env: {} },
    asPackage: true,
  })),
]

/** All that a machine without a compiler has on its PATH, Node and npm aside. */
const TOOLS = ['sh', 'bash', 'env', 'cat', 'ls', 'rm', 'mkdir', 'cp', 'mv', 'ln', 'uname', 'sed']

const which = (tool: string): string => execFileSync('which', [tool], { encoding: 'utf8' }).trim()

/** The files that git knows or would take, as they are now. */
function copyProject(folder: string): void {
  mkdirSync(folder, { recursive: true })
  const list = 'git ls-files -z --cached --others --exclude-standard --deduplicate'
  execFileSync(
    'sh',
    ['-c', `${list} | tar c --null --ignore-failed-read -T - | tar x -C "$1"`, 'sh', folder],
    {
      cwd: projectRoot,
      stdio: ['ignore', 'ignore', 'ignore'],
    },
  )
}

async function main(words: readonly string[]): Promise<boolean> {
  const wanted = CASES.filter(
    ({ name }) => words.length === 0 || words.some((word) => name.includes(word)),
  )
  const folder = mkdtempSync(join(tmpdir(), 'playlink-install-'))
  const bin = join(folder, 'bin')
  mkdirSync(bin)
  for (const tool of TOOLS) symlinkSync(which(tool), join(bin, tool))
  const archive = packInto(folder)
  let good = 0
  try {
    for (const one of wanted) {
      const project = join(folder, `project ${one.name}`)
      if (!one.asPackage) copyProject(project)
      const faults = await tryInstall(one, { folder, project, bin, archive })
      console.log(`${one.name} (npm ${one.npm}): ${faults.length === 0 ? 'fine' : 'FAILED'}`)
      for (const fault of faults) console.log(`  ${fault.replaceAll('\n', '\n    ')}`)
      if (faults.length === 0) good++
      rmSync(project, { recursive: true, force: true })
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
  console.log(`${good} passed, ${wanted.length - good} failed`)
  return wanted.length > 0 && good === wanted.length
}

if (process.platform !== 'linux' || process.arch !== 'x64') {
  console.error('The Nodes to test with are there for linux-x64 only.')
  process.exitCode = 1
} else if (!(await main(process.argv.slice(2)))) process.exitCode = 1
