// Runs before anything else, on whatever Node there is: plain old JavaScript without dependencies.
// An old Node would only say "Unknown file extension .ts", and native modules may crash on it.
// A version given as argument is judged instead of the running one (for the tests).

const LEAST = [22, 18]

const version = process.argv[2] || process.versions.node
const parts = version.split('.').map(Number)
const enough = parts[0] > LEAST[0] || (parts[0] === LEAST[0] && parts[1] >= LEAST[1])

if (!enough) {
  console.error(
    `Playlink needs Node ${LEAST.join('.')} or newer, but this is Node ${version}: ` +
      'run "npm ci" and then "npm start" or "npm test", which bring a Node of their own and use it.',
  )
  process.exitCode = 1
}
