// A member who follows her ledger for as long as she lives, as `docs/live.md` says:
// one line on standard output for each line of the ledger, and one for each connection.
//
// node follower.mjs <client> <transports> <address> <user id> <token>

const [package_, transports, address, user, token] = process.argv.slice(2);
const { io } = await import(package_);

const tell = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);

const socket = io(address, {
  auth: { token },
  transports: transports.split('+'),
  reconnectionDelay: 50,
  reconnectionDelayMax: 500,
});

let last = 0;
socket.on('connect', () => {
  socket.emit('register', Number(user), { after: last }, (answer) => tell({ joined: answer }));
});
for (const event of ['new_earning', 'earning_reversed', 'payout', 'payout_returned', 'adjustment']) {
  socket.on(event, ({ seq }) => {
    tell({ seq });
    if (seq > last) last = seq;
  });
}
socket.on('disconnect', (reason) => tell({ disconnected: reason }));
socket.on('connect_error', ({ message }) => tell({ refused: message }));
socket.on('error', (error) => tell({ error }));
