// A market data server of the simplest honest kind with the package `ws`: clients by symbol; at each tick of a symbol
// one message is made, and sent to each client that subscribed to it. Does the work of tickplantd with
// configs/bench.yaml: as many symbols, ticks and bytes, the same keys. `fanout_table` starts it.
//
//   node server.js --port 8081 --symbols 100 --hz 10 [--spread] [--deflate] [--wait-for CLIENTS]
//
// --wait-for: the market stands still until so many have subscribed, as few get in while it moves on a busy core.
'use strict';

const {WebSocketServer} = require('ws');

const words = process.argv.slice(2);
const has = (name) => words.includes(name);
const number = (name, otherwise) => (has(name) ? Number(words[words.indexOf(name) + 1]) : otherwise);
const port = number('--port', 8081), hz = number('--hz', 10), count = number('--symbols', 100);
const wait_for = number('--wait-for', 0);

const markets = Array.from({length: count}, (_, i) => ({
  symbol: 'S' + String(i).padStart(3, '0'),
  price: 100 + i,
  volume: 1_000_000,
  sequence: 0,
  clients: new Set(),
}));
const by_symbol = new Map(markets.map((market) => [market.symbol, market]));
const cents = (price) => Math.round(price * 100) / 100;
const quantity = () => 100 + Math.floor(Math.random() * 2000);

const level = (price) => [{price, size: quantity(), orders: 1 + Math.floor(Math.random() * 9)}];

const epoch = Date.now() * 1e6;

function message_of(market, now_ms, sent_us) {
  market.price = Math.max(1, market.price * (1 + (Math.random() - 0.5) * 0.001));
  market.volume += quantity();
  const bid = cents(market.price * 0.9999), ask = cents(market.price * 1.0001);
  return JSON.stringify({
    type: 'MARKET_DATA',
    timestamp: now_ms,
    symbols: [{
      symbol: market.symbol,
      exchange: 'NODE',
      price: cents(market.price),
      bid,
      ask,
      bidSize: quantity(),
      askSize: quantity(),
      volume: market.volume,
      change: cents(market.price - 100),
      changePercent: cents((market.price - 100) / 3),
      high: cents(market.price * 1.02),
      low: cents(market.price * 0.98),
      open: 100,
      previousClose: 100,
      timestamp: now_ms,
      bids: level(bid),
      asks: level(ask),
      stream: `NODE:${market.symbol}/STATE`,
      epoch,
      sequence: ++market.sequence,
      prevSequence: market.sequence - 1,
      sentUs: sent_us,
    }],
  });
}

function tick(market, now_ms, sent_us) {
  if (market.clients.size === 0) return;
  const text = message_of(market, now_ms, sent_us);
  for (const client of market.clients) client.send(text);
}

// Ticks by the clock: what a late timer missed is left out within the same call, as one tick.
const period_ms = 1000 / hz;
let start = performance.now();
let next = 0; // number of the next tick: of all symbols together, or of one after another
let subscribed = 0;
function run() {
  if (subscribed < wait_for) {
    start = performance.now();
    return void setTimeout(run, 10);
  }
  const done = (performance.now() - start) / period_ms;
  const now_ms = Date.now(), sent_us = Math.round((performance.timeOrigin + performance.now()) * 1000);
  if (has('--spread')) {
    const due = Math.floor(done * count);
    next = Math.max(next, due - count + 1);
    for (; next <= due; ++next) tick(markets[next % count], now_ms, sent_us);
  } else if (done >= next) {
    for (const market of markets) tick(market, now_ms, sent_us);
    next = Math.floor(done) + 1;
  }
  const wait = (has('--spread') ? next / count : next) * period_ms - (performance.now() - start);
  if (wait < 0.5)
    setImmediate(run);
  else
    setTimeout(run, wait);
}

const server = new WebSocketServer({host: '127.0.0.1', port, backlog: 4096, perMessageDeflate: has('--deflate')}, run);
server.on('connection', (client) => {
  const mine = new Set();
  client.on('error', () => client.terminate());
  client.on('message', (data) => {
    const request = JSON.parse(data);
    if (request.type !== 'SUBSCRIBE') return;
    const results = [];
    for (const symbol of request.symbols) {
      const market = by_symbol.get(symbol);
      if (!market) continue;
      market.clients.add(client);
      mine.add(market);
      results.push({symbol, exchange: 'NODE', status: 'ok'});
    }
    ++subscribed;
    client.send(JSON.stringify({type: 'ACK', timestamp: Date.now(), results}));
  });
  client.on('close', () => {
    for (const market of mine) market.clients.delete(client);
  });
});
