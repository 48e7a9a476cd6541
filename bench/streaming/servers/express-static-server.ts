// express.static on a folder, as a hoster would write it in a minute. Argument: folder. Prints its port.

import type { AddressInfo } from 'node:net'
import express from 'express'

const app = express()
app.use(express.static(process.argv[2] ?? ''))
const server = app.listen(0, '127.0.0.1', () => {
  process.stdout.write(`${(server.address() as AddressInfo).port}\n`)
})
