// What face-api.js itself puts out, for the tests of the converted networks.
//
//   tar xzf vladmandic-face-api-1.7.15.tgz
//   node tools/face_api_reference.mjs package > tests/reference/face_api_outputs.json
//
// The picture is made of whole numbers alone, so that Python makes the same one:
// pixel (y, x, colour c) = (3 x + 5 y + 70 c + floor(x y / 16)) mod 256.
import fs from "node:fs";
import path from "node:path";

// The bundle expects a browser; its plain JavaScript backend needs nothing of one.
globalThis.window = { document: {}, navigator: { userAgent: "" } };
const home = path.resolve(process.argv[2]);
const faceapi = await import(path.join(home, "dist", "face-api.esm.js"));
const tf = faceapi.tf;
await tf.setBackend("cpu");
await tf.ready();

function picture(side) {
  const values = [];
  for (let y = 0; y < side; y++)
    for (let x = 0; x < side; x++)
      for (let c = 0; c < 3; c++) values.push((3 * x + 5 * y + 70 * c + Math.floor((x * y) / 16)) % 256);
  return tf.tensor3d(values, [side, side, 3]);
}

function load(net, name) {
  const manifest = JSON.parse(fs.readFileSync(`${home}/model/${name}-weights_manifest.json`));
  const file = fs.readFileSync(`${home}/model/${name}.bin`);
  const bytes = file.buffer.slice(file.byteOffset, file.byteOffset + file.length);
  net.loadFromWeightMap(tf.io.decodeWeights(bytes, manifest[0].weights));
  return net;
}

const list = async (tensor) => Array.from(await tensor.data());
const { nets } = faceapi;
const expression = load(nets.faceExpressionNet, "face_expression_model");
const ageGender = load(nets.ageGenderNet, "age_gender_model");
const recognition = load(nets.faceRecognitionNet, "face_recognition_model");
const landmarks = load(nets.faceLandmark68Net, "face_landmark_68_model");
const both = await ageGender.forward(picture(112));
const outputs = {
  "expression probabilities": await list(await expression.forward(picture(112))),
  "age years": await list(both.age),
  "gender probabilities": await list(both.gender),
  "recognition embedding": await list(await recognition.forward(picture(150))),
  "landmarks68 points": await list(await landmarks.forward(picture(112))),
};
console.log(JSON.stringify(outputs, null, 1));
