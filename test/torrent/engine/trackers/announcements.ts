import type { HttpQuestion } from '../../../../torrent/engine/trackers/http-tracker.ts'
import { payload } from '../../../support/swarm/payload.ts'

export const question: HttpQuestion = {
  infoHash: payload('a torrent', 20).toString('hex'),
  peerId: payload('our id', 20),
  port: 6881,
  key: 0xabc,
  event: 'started',
  totals: { uploaded: 1, downloaded: 2, left: 3 },
  trackerId: undefined,
}
