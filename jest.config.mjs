// No transformer: Node strips the types itself (scripts/run-jest.ts has the flags it needs).
export default {
  // Bounds a hang, no more: how long a test may take is no business of a test, for machines differ.
  testTimeout: 300_000,
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  transform: {},
  // What a worker leaves open is found by that it does not end; a busy machine lets it end late.
  workerGracefulExitTimeout: 10_000,
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  // They have commands of their own, for they take long: scripts/interop.ts, scripts/browsers.ts.
  testPathIgnorePatterns: [
    ...(process.env.INTEROP === undefined ? ['<rootDir>/test/interop/'] : []),
    ...(process.env.BROWSERS === undefined ? ['<rootDir>/test/browsers/'] : []),
  ],
  modulePathIgnorePatterns: ['<rootDir>/.work/', '<rootDir>/dist/'],
  // End-to-end tests start servers and seeders of their own, and wait for them a third of the time: a
  // third worker uses what two cores have left then, more only slow each other.
  maxWorkers: 3,
}
