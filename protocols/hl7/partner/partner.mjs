// A server of node-hl7-server on the first port, and a client of node-hl7-client that
// sends it the message of TEXT through the second: by itself, in a batch, in a file.
import { Server } from 'node-hl7-server'
import Client, { Batch, FileBatch, Message } from 'node-hl7-client'

const [serverPort, clientPort] = process.argv.slice(2).map(Number)
const inbound = new Server({ bindAddress: '127.0.0.1' }).createInbound({ port: serverPort }, async (request, response) => {
  await response.sendResponse('AA')
})
const client = new Client({ host: '127.0.0.1' })

// send waits for one answer: the server gives one for a block.
const send = what => new Promise(done => {
  const outbound = client.createConnection({ port: clientPort }, async () => { await outbound.close(); done() })
  outbound.sendMessage(what)
})

const message = new Message({ text: process.env.TEXT.replaceAll('\n', '\r') })
const batch = new Batch()
batch.start()
batch.add(message)
batch.add(message)
batch.end()
const file = new FileBatch()
file.start()
file.add(message)
file.end()
for (const what of [message, batch, file]) await send(what)
await inbound.close()
process.exit(0)
