import { EncodedPacketSink, type InputVideoTrack, MPEG_TS } from 'mediabunny'
import { avcSize } from './avc-size.ts'

/**
 * By how much the heights that the library tells of a picture are to be multiplied: of a transport stream it takes the lines of
 * a field for those of the frame.
 */
export async function heightScale(video: InputVideoTrack): Promise<number> {
  if (video.codec !== 'avc' || (await video.input.getFormat()) !== MPEG_TS) return 1
  const first = await new EncodedPacketSink(video).getFirstKeyPacket()
  const size = first && avcSize(first.data)
  const told = await video.getCodedHeight()
  return size && size.height > 0 && told > 0 ? size.height / told : 1
}

/** How a decoder is told to expect the picture. */
export async function decoderConfigOf(video: InputVideoTrack): Promise<VideoDecoderConfig | null> {
  const config = await video.getDecoderConfig()
  const scale = await heightScale(video)
  if (!config || scale === 1) return config
  const { codedHeight, displayAspectHeight } = config
  const scaled = (height: number) => Math.round(height * scale)
  return {
    ...config,
    ...(codedHeight !== undefined && { codedHeight: scaled(codedHeight) }),
    ...(displayAspectHeight !== undefined && { displayAspectHeight: scaled(displayAspectHeight) }),
  }
}
