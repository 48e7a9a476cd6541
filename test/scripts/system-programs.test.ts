import { describe, expect, test } from '@jest/globals'
import { ensurePrograms, type Run, runHere, systemPrograms } from '../../scripts/system-programs.ts'

const programs = ['one', 'two', 'three'].map((name) => ({
  name,
  why: `for ${name}`,
  check: [name, '--version'] as const,
  debianPackage: `lib${name}`,
  elsewhere: `get ${name}`,
}))

/** A machine that has some programs and gets others by apt-get; tells what was run beside checks. */
function machine(has: string[], { root = true, aptGet = true, gets = [] as string[] } = {}) {
  const ran: string[] = []
  const run: Run = (command, isShown) => {
    if (!isShown) return has.includes(command[0])
    ran.push(command.join(' '))
    if (command[1] === 'install') has.push(...gets)
    return true
  }
  return { run, root, aptGet, ran }
}

describe('ensurePrograms', () => {
  test('all there: nothing is run', () => {
    const here = machine(['one', 'two', 'three'])
    expect(ensurePrograms(here, programs)).toBeUndefined()
    expect(here.ran).toEqual([])
  })

  test('root on Debian: lists first, then what is missing and no more', () => {
    const here = machine(['two'], { gets: ['one', 'three'] })
    expect(ensurePrograms(here, programs)).toBeUndefined()
    expect(here.ran).toEqual([
      'apt-get update',
      'apt-get install -y --no-install-recommends libone libthree',
    ])
  })

  test('an install that did not help is told, with what is still missing', () => {
    const here = machine([], { gets: ['one'] })
    expect(ensurePrograms(here, programs)).toBe(
      'The tests need two (for two), three (for three). Run this, then try again:\n' +
        '  sudo apt-get update && sudo apt-get install -y libtwo libthree',
    )
  })

  test('not root: nothing is run, the command is said', () => {
    const here = machine(['one', 'two'], { root: false })
    expect(ensurePrograms(here, programs)).toMatch(/apt-get install -y libthree$/)
    expect(here.ran).toEqual([])
  })

  test('no apt-get: the other command is said', () => {
    const here = machine(['two'], { aptGet: false })
    expect(ensurePrograms(here, programs)).toMatch(/try again:\n {2}get one && get three$/)
    expect(here.ran).toEqual([])
  })
})

test('runHere tells success from failure and from what is not there', () => {
  expect(runHere([process.execPath, '-e', ''], false)).toBe(true)
  expect(runHere([process.execPath, '-e', 'process.exit(3)'], false)).toBe(false)
  expect(runHere(['/no/such/program'], false)).toBe(false)
})

test('every program of the table is here now, for the tests that use it', () => {
  expect(systemPrograms.filter((program) => !runHere(program.check, false))).toEqual([])
})
