// From @tensorflow/tfjs-node-gpu 4.22.0. Copyright Google LLC, licensed under the Apache License 2.0 (see LICENSE).
// Bundled by vendor/bundles.ts; changes: imports of @tensorflow/tfjs are imports of @tensorflow/tfjs-core, util.isNullOrUndefined and util.isArray are defined here, TensorBoard's protocol buffers are left out.
var __create = Object.create;
var __defProp = Object.defineProperty;
var __getOwnPropDesc = Object.getOwnPropertyDescriptor;
var __getOwnPropNames = Object.getOwnPropertyNames;
var __getProtoOf = Object.getPrototypeOf;
var __hasOwnProp = Object.prototype.hasOwnProperty;
var __commonJS = (cb, mod) => function __require() {
  try {
    return mod || (0, cb[__getOwnPropNames(cb)[0]])((mod = { exports: {} }).exports, mod), mod.exports;
  } catch (e) {
    throw mod = 0, e;
  }
};
var __export = (target, all) => {
  for (var name in all)
    __defProp(target, name, { get: all[name], enumerable: true });
};
var __copyProps = (to, from, except, desc) => {
  if (from && typeof from === "object" || typeof from === "function") {
    for (let key of __getOwnPropNames(from))
      if (!__hasOwnProp.call(to, key) && key !== except)
        __defProp(to, key, { get: () => from[key], enumerable: !(desc = __getOwnPropDesc(from, key)) || desc.enumerable });
  }
  return to;
};
var __toESM = (mod, isNodeMode, target) => (target = mod != null ? __create(__getProtoOf(mod)) : {}, __copyProps(
  // If the importer is in node compatibility mode or this is not an ESM
  // file that has been converted to a CommonJS file using a Babel-
  // compatible transform (i.e. "__esModule" has not been set), then set
  // "default" to the CommonJS "module.exports" for node compatibility.
  isNodeMode || !mod || !mod.__esModule ? __defProp(target, "default", { value: mod, enumerable: true }) : target,
  mod
));
var __toCommonJS = (mod) => __copyProps(__defProp({}, "__esModule", { value: true }), mod);

// shim:./proto/api_pb
var require_api_pb = __commonJS({
  "shim:./proto/api_pb"(exports2, module2) {
    module2.exports = void 0;
  }
});

// <stdin>
var stdin_exports = {};
__export(stdin_exports, {
  NodeJSKernelBackend: () => NodeJSKernelBackend,
  createTensorsTypeOpAttr: () => createTensorsTypeOpAttr,
  getTFDType: () => getTFDType
});
module.exports = __toCommonJS(stdin_exports);

// node_modules/@tensorflow/tfjs-node-gpu/src/nodejs_kernel_backend.ts
var tf = __toESM(require("@tensorflow/tfjs-core"));
var import_tfjs2 = require("@tensorflow/tfjs-core");

// shim:util
var isNullOrUndefined = (value) => value === null || value === void 0;
var isArray = Array.isArray;

// node_modules/@tensorflow/tfjs-node-gpu/src/int64_tensors.ts
var import_tfjs = require("@tensorflow/tfjs-core");
var import_os = require("os");
var INT32_MAX = 2147483648;
var Int64Scalar = class _Int64Scalar {
  constructor(value) {
    this.value = value;
    if (_Int64Scalar.endiannessOkay_ == null) {
      if ((0, import_os.endianness)() !== "LE") {
        throw new Error(
          `Int64Scalar does not support endianness of this machine: ${(0, import_os.endianness)()}`
        );
      }
      _Int64Scalar.endiannessOkay_ = true;
    }
    import_tfjs.util.assert(
      value > -INT32_MAX && value < INT32_MAX - 1,
      () => `Got a value outside of the bound of values supported for int64 dtype ([-${INT32_MAX}, ${INT32_MAX - 1}]): ${value}`
    );
    import_tfjs.util.assert(
      Number.isInteger(value),
      () => `Expected value to be an integer, but got ${value}`
    );
    const highPart = value >= 0 ? 0 : -1;
    const lowPart = value % INT32_MAX;
    this.valueArray_ = new Int32Array([lowPart, highPart]);
  }
  value;
  dtype = "int64";
  rank = 1;
  valueArray_;
  static endiannessOkay_;
  get shape() {
    return [];
  }
  /** Get the Int32Array that represents the int64 value. */
  get valueArray() {
    return this.valueArray_;
  }
};
function encodeInt32ArrayAsInt64(value) {
  if ((0, import_os.endianness)() !== "LE") {
    throw new Error(
      `Int64Scalar does not support endianness of this machine: ${(0, import_os.endianness)()}`
    );
  }
  const buffer = new Int32Array(value.length * 2);
  for (let i = 0; i < value.length; i++) {
    buffer[i * 2] = value[i];
  }
  return buffer;
}

// node_modules/@tensorflow/tfjs-node-gpu/src/nodejs_kernel_backend.ts
var messages = require_api_pb();
var NodeJSKernelBackend = class extends import_tfjs2.KernelBackend {
  binding;
  isGPUPackage;
  isUsingGpuDevice;
  tensorMap;
  constructor(binding, packageName) {
    super();
    this.binding = binding;
    this.isGPUPackage = packageName === "@tensorflow/tfjs-node-gpu";
    this.isUsingGpuDevice = this.binding.isUsingGpuDevice();
    this.tensorMap = new tf.DataStorage(this, tf.engine());
  }
  getDTypeInteger(dtype) {
    switch (dtype) {
      case "float32":
        return this.binding.TF_FLOAT;
      case "int32":
        return this.binding.TF_INT32;
      case "bool":
        return this.binding.TF_BOOL;
      case "complex64":
        return this.binding.TF_COMPLEX64;
      case "string":
        return this.binding.TF_STRING;
      default:
        throw new Error(`Unsupported DType: ${dtype}`);
    }
  }
  typeAttributeFromTensor(value) {
    return this.getDTypeInteger(value.dtype);
  }
  // Creates a new Tensor and maps the dataId to the passed in ID.
  createOutputTensor(metadata) {
    const newId = {};
    this.tensorMap.set(newId, {
      shape: metadata.shape,
      dtype: metadata.dtype,
      id: metadata.id,
      values: null,
      refCount: 1
    });
    let dtype;
    switch (metadata.dtype) {
      case this.binding.TF_FLOAT:
        dtype = "float32";
        break;
      case this.binding.TF_INT32:
        dtype = "int32";
        break;
      case this.binding.TF_INT64:
        console.warn("INT64 output tensor will be stored as BigInt64Array.");
        dtype = "int32";
        break;
      case this.binding.TF_BOOL:
        dtype = "bool";
        break;
      case this.binding.TF_COMPLEX64:
        dtype = "complex64";
        break;
      case this.binding.TF_STRING:
        dtype = "string";
        break;
      case this.binding.TF_RESOURCE:
        dtype = "string";
        break;
      case this.binding.TF_UINT8:
        dtype = "int32";
        break;
      default:
        throw new Error(`Unknown dtype enum ${metadata.dtype}`);
    }
    const tensorInfo = { dataId: newId, shape: metadata.shape, dtype };
    return tf.engine().makeTensorFromTensorInfo(tensorInfo);
  }
  // Prepares Tensor instances for Op execution.
  getInputTensorIds(tensors) {
    const ids = [];
    for (let i = 0; i < tensors.length; i++) {
      if (tensors[i] instanceof Int64Scalar) {
        const value = tensors[i].valueArray;
        const id = this.binding.createTensor([], this.binding.TF_INT64, value);
        ids.push(id);
      } else {
        const info = this.tensorMap.get(tensors[i].dataId);
        if (info.values != null) {
          info.id = this.binding.createTensor(info.shape, info.dtype, info.values);
          info.values = null;
        }
        ids.push(info.id);
      }
    }
    return ids;
  }
  createReductionOpAttrs(tensor2, keepDims = false) {
    return [
      { name: "keep_dims", type: this.binding.TF_ATTR_BOOL, value: keepDims },
      createTensorsTypeOpAttr("T", tensor2.dtype),
      createTensorsTypeOpAttr("Tidx", "int32")
    ];
  }
  floatPrecision() {
    return 32;
  }
  epsilon() {
    return super.epsilon();
  }
  /**
   * Executes an op that has a single input and output.
   *
   * Helper function to wrap executeSingleOutput in a particular case.
   * @param name The name of the Op to execute.
   * @param input The input Tensor for the Op.
   */
  executeSingleInput(name, input) {
    const opAttrs = [createTensorsTypeOpAttr("T", input.dtype)];
    return this.executeSingleOutput(name, opAttrs, [input]);
  }
  /**
   * Executes a TensorFlow Eager Op that provides one output Tensor.
   * @param name The name of the Op to execute.
   * @param opAttrs The list of Op attributes required to execute.
   * @param inputs The list of input Tensors for the Op.
   * @return A resulting Tensor from Op execution.
   */
  executeSingleOutput(name, opAttrs, inputs) {
    const outputMetadata = this.binding.executeOp(
      name,
      opAttrs,
      this.getInputTensorIds(inputs),
      1
    );
    return this.createOutputTensor(outputMetadata[0]);
  }
  /**
   * Executes a TensorFlow Eager Op that provides multiple output Tensors.
   * @param name The name of the Op to execute.
   * @param opAttrs The list of Op attributes required to execute.
   * @param inputs The list of input Tensors for the Op.
   * @param numOutputs The number of output Tensors for Op execution.
   * @return A resulting Tensor array from Op execution.
   */
  executeMultipleOutputs(name, opAttrs, inputs, numOutputs) {
    const outputMetadata = this.binding.executeOp(
      name,
      opAttrs,
      this.getInputTensorIds(inputs),
      numOutputs
    );
    return outputMetadata.map((m) => this.createOutputTensor(m));
  }
  numDataIds() {
    return this.tensorMap.numDataIds();
  }
  dispose() {
  }
  async read(dataId) {
    return this.readSync(dataId);
  }
  readSync(dataId) {
    if (!this.tensorMap.has(dataId)) {
      throw new Error(`Tensor ${dataId} was not registered!`);
    }
    const info = this.tensorMap.get(dataId);
    if (info.values != null) {
      return info.values;
    } else {
      return this.binding.tensorDataSync(info.id);
    }
  }
  /**
   * Dispose the memory if the dataId has 0 refCount. Return true if the memory
   * is released, false otherwise.
   * @param dataId
   * @oaram force Optional, remove the data regardless of refCount
   */
  disposeData(dataId, force = false) {
    if (this.tensorMap.has(dataId)) {
      const id = this.tensorMap.get(dataId).id;
      this.tensorMap.get(dataId).refCount--;
      if (!force && this.tensorMap.get(dataId).refCount > 0) {
        return false;
      }
      if (id != null && id >= 0) {
        this.binding.deleteTensor(id);
      }
      this.tensorMap.delete(dataId);
    }
    return true;
  }
  /** Return refCount of a `TensorData`. */
  refCount(dataId) {
    if (this.tensorMap.has(dataId)) {
      const tensorData = this.tensorMap.get(dataId);
      return tensorData.refCount;
    }
    return 0;
  }
  incRef(dataId) {
    this.tensorMap.get(dataId).refCount++;
  }
  move(dataId, values, shape, dtype, refCount) {
    this.tensorMap.set(
      dataId,
      { shape, dtype: getTFDType(dtype), values, id: -1, refCount }
    );
  }
  write(values, shape, dtype) {
    const dataId = {};
    this.move(dataId, values, shape, dtype, 1);
    return dataId;
  }
  applyActivation(input, activation, preluActivationWeights, leakyreluAlpha) {
    let result = input;
    if (activation != null) {
      if (activation === "linear") {
      } else if (activation === "relu") {
        result = tf.relu(result);
      } else if (activation === "prelu") {
        result = tf.prelu(result, preluActivationWeights);
      } else if (activation === "leakyrelu") {
        result = tf.leakyRelu(result, leakyreluAlpha);
      } else if (activation === "elu") {
        result = tf.elu(result);
      } else if (activation === "relu6") {
        result = tf.relu6(result);
      } else if (activation === "sigmoid") {
        result = tf.sigmoid(result);
      } else {
        throw new Error(`Activation: ${activation} has not been implemented for the Node.js backend`);
      }
    }
    return result;
  }
  divide(a, b) {
    const opAttrs = [createTensorsTypeOpAttr(
      "T",
      import_tfjs2.backend_util.upcastType(a.dtype, b.dtype)
    )];
    return this.executeSingleOutput("Div", opAttrs, [a, b]);
  }
  divNoNan(a, b) {
    const opAttrs = [createTensorsTypeOpAttr(
      "T",
      import_tfjs2.backend_util.upcastType(a.dtype, b.dtype)
    )];
    return this.executeSingleOutput("DivNoNan", opAttrs, [a, b]);
  }
  where(condition) {
    return this.executeSingleOutput("Where", [], [condition]);
  }
  topKValues(x, k) {
    throw new Error("Method not implemented.");
  }
  topKIndices(x, k) {
    throw new Error("Method not implemented.");
  }
  int(x) {
    throw new Error("Method not implemented.");
  }
  decodeJpeg(contents, channels, ratio, fancyUpscaling, tryRecoverTruncated, acceptableFraction, dctMethod) {
    const opAttrs = [
      { name: "channels", type: this.binding.TF_ATTR_INT, value: channels },
      { name: "ratio", type: this.binding.TF_ATTR_INT, value: ratio },
      {
        name: "fancy_upscaling",
        type: this.binding.TF_ATTR_BOOL,
        value: fancyUpscaling
      },
      {
        name: "try_recover_truncated",
        type: this.binding.TF_ATTR_BOOL,
        value: tryRecoverTruncated
      },
      {
        name: "acceptable_fraction",
        type: this.binding.TF_ATTR_FLOAT,
        value: acceptableFraction
      },
      { name: "dct_method", type: this.binding.TF_ATTR_STRING, value: dctMethod }
    ];
    const inputArgs = [(0, import_tfjs2.scalar)(contents, "string")];
    return this.executeSingleOutput("DecodeJpeg", opAttrs, inputArgs);
  }
  decodePng(contents, channels) {
    const opAttrs = [{ name: "channels", type: this.binding.TF_ATTR_INT, value: channels }];
    const inputArgs = [(0, import_tfjs2.scalar)(contents, "string")];
    return this.executeSingleOutput("DecodePng", opAttrs, inputArgs);
  }
  decodeBmp(contents, channels) {
    const opAttrs = [{ name: "channels", type: this.binding.TF_ATTR_INT, value: channels }];
    const inputArgs = [(0, import_tfjs2.scalar)(contents, "string")];
    return this.executeSingleOutput("DecodeBmp", opAttrs, inputArgs);
  }
  decodeGif(contents) {
    const inputArgs = [(0, import_tfjs2.scalar)(contents, "string")];
    return this.executeSingleOutput("DecodeGif", [], inputArgs);
  }
  executeEncodeImageOp(name, opAttrs, imageData, imageShape) {
    const inputTensorId = this.binding.createTensor(imageShape, this.binding.TF_UINT8, imageData);
    const outputMetadata = this.binding.executeOp(name, opAttrs, [inputTensorId], 1);
    this.binding.deleteTensor(inputTensorId);
    const outputTensorInfo = outputMetadata[0];
    outputTensorInfo.dtype = this.binding.TF_UINT8;
    return this.createOutputTensor(outputTensorInfo);
  }
  encodeJpeg(imageData, imageShape, format, quality, progressive, optimizeSize, chromaDownsampling, densityUnit, xDensity, yDensity, xmpMetadata) {
    const opAttrs = [
      { name: "format", type: this.binding.TF_ATTR_STRING, value: format },
      { name: "quality", type: this.binding.TF_ATTR_INT, value: quality },
      {
        name: "progressive",
        type: this.binding.TF_ATTR_BOOL,
        value: progressive
      },
      {
        name: "optimize_size",
        type: this.binding.TF_ATTR_BOOL,
        value: optimizeSize
      },
      {
        name: "chroma_downsampling",
        type: this.binding.TF_ATTR_BOOL,
        value: chromaDownsampling
      },
      {
        name: "density_unit",
        type: this.binding.TF_ATTR_STRING,
        value: densityUnit
      },
      { name: "x_density", type: this.binding.TF_ATTR_INT, value: xDensity },
      { name: "y_density", type: this.binding.TF_ATTR_INT, value: yDensity },
      {
        name: "xmp_metadata",
        type: this.binding.TF_ATTR_STRING,
        value: xmpMetadata
      }
    ];
    return this.executeEncodeImageOp(
      "EncodeJpeg",
      opAttrs,
      imageData,
      imageShape
    );
  }
  encodePng(imageData, imageShape, compression) {
    const opAttrs = [
      { name: "compression", type: this.binding.TF_ATTR_INT, value: compression }
    ];
    return this.executeEncodeImageOp(
      "EncodePng",
      opAttrs,
      imageData,
      imageShape
    );
  }
  deleteSavedModel(id) {
    this.binding.deleteSavedModel(id);
  }
  loadSavedModelMetaGraph(path, tags) {
    return this.binding.loadSavedModel(path, tags);
  }
  getMappedInputTensorIds(inputs, inputTensorInfos) {
    const tensorIds = this.getInputTensorIds(inputs);
    const newTensors = [];
    for (let i = 0; i < inputs.length; i++) {
      if (inputTensorInfos[i] != null) {
        if (inputTensorInfos[i].tfDtype === "DT_UINT8") {
          const data = Uint8Array.from(inputs[i].dataSync());
          const inputTensorId = this.binding.createTensor(
            inputs[i].shape,
            this.binding.TF_UINT8,
            data
          );
          tensorIds[i] = inputTensorId;
          newTensors.push(i);
        } else if (inputTensorInfos[i].tfDtype === "DT_INT64") {
          const data = encodeInt32ArrayAsInt64(inputs[i].dataSync());
          const inputTensorId = this.binding.createTensor(
            inputs[i].shape,
            this.binding.TF_INT64,
            data
          );
          tensorIds[i] = inputTensorId;
          newTensors.push(i);
        }
      }
    }
    return { tensorIds, newTensors };
  }
  runSavedModel(id, inputs, inputTensorInfos, outputOpNames) {
    const { tensorIds, newTensors } = this.getMappedInputTensorIds(inputs, inputTensorInfos);
    const outputMetadata = this.binding.runSavedModel(
      id,
      tensorIds,
      inputTensorInfos.map((info) => info.name).join(","),
      outputOpNames.join(",")
    );
    for (let i = 0; i < tensorIds.length; i++) {
      if (newTensors.includes(i)) {
        this.binding.deleteTensor(tensorIds[i]);
      }
    }
    return outputMetadata.map((m) => this.createOutputTensor(m));
  }
  // ------------------------------------------------------------
  // TensorBoard-related (tfjs-node-specific) backend kernels.
  summaryWriter(logdir) {
    const opAttrs = [
      {
        name: "shared_name",
        type: this.binding.TF_ATTR_STRING,
        value: `logdir:${logdir}`
      },
      { name: "container", type: this.binding.TF_ATTR_STRING, value: "" }
    ];
    const writerResource = this.executeSingleOutput("SummaryWriter", opAttrs, []);
    return writerResource;
  }
  createSummaryFileWriter(resourceHandle, logdir, maxQueue, flushMillis, filenameSuffix) {
    const inputArgs = [
      resourceHandle,
      (0, import_tfjs2.scalar)(logdir),
      (0, import_tfjs2.scalar)(maxQueue == null ? 10 : maxQueue, "int32"),
      (0, import_tfjs2.scalar)(flushMillis == null ? 2 * 60 * 1e3 : flushMillis, "int32"),
      (0, import_tfjs2.scalar)(filenameSuffix == null ? ".v2" : filenameSuffix)
    ];
    this.executeMultipleOutputs("CreateSummaryFileWriter", [], inputArgs, 0);
  }
  writeScalarSummary(resourceHandle, step, name, value) {
    (0, import_tfjs2.tidy)(() => {
      import_tfjs2.util.assert(
        Number.isInteger(step),
        () => `step is expected to be an integer, but is instead ${step}`
      );
      const inputArgs = [resourceHandle, new Int64Scalar(step), (0, import_tfjs2.scalar)(name, "string")];
      let typeAttr;
      if (typeof value === "number") {
        inputArgs.push((0, import_tfjs2.scalar)(value));
        typeAttr = this.binding.TF_FLOAT;
      } else {
        import_tfjs2.util.assert(
          value.rank === 0,
          () => `A non-scalar tensor (rank ${value.rank}) is passed to writeScalarSummary()`
        );
        inputArgs.push(value);
        typeAttr = this.typeAttributeFromTensor(value);
      }
      const opAttrs = [{ name: "T", type: this.binding.TF_ATTR_TYPE, value: typeAttr }];
      const ids = this.getInputTensorIds(inputArgs);
      this.binding.executeOp("WriteScalarSummary", opAttrs, ids, 0);
      this.binding.deleteTensor(ids[1]);
    });
  }
  writeHistogramSummary(resourceHandle, step, name, data, bucketCount, description) {
    (0, import_tfjs2.tidy)(() => {
      import_tfjs2.util.assert(
        Number.isInteger(step),
        () => `step is expected to be an integer, but is instead ${step}`
      );
      const content = new messages.HistogramPluginData().setVersion(0);
      const pluginData = new messages.SummaryMetadata.PluginData().setPluginName("histograms").setContent(content.serializeBinary());
      const summary = new messages.SummaryMetadata().setPluginData(pluginData).setDisplayName(null).setSummaryDescription(description);
      const summaryTensor = (0, import_tfjs2.scalar)(summary.serializeBinary(), "string");
      const nameTensor = (0, import_tfjs2.scalar)(name, "string");
      const stepScalar = new Int64Scalar(step);
      const buckets = this.buckets(data, bucketCount);
      import_tfjs2.util.assert(
        buckets.rank === 2 && buckets.shape[1] === 3,
        () => `Expected buckets to have shape [k, 3], but they had shape ${buckets.shape}`
      );
      import_tfjs2.util.assert(
        buckets.dtype === "float32",
        () => `Expected buckets to have dtype float32, but they had dtype ${buckets.dtype}`
      );
      const inputArgs = [resourceHandle, stepScalar, buckets, nameTensor, summaryTensor];
      const typeAttr = this.typeAttributeFromTensor(buckets);
      const opAttrs = [{ name: "T", type: this.binding.TF_ATTR_TYPE, value: typeAttr }];
      const ids = this.getInputTensorIds(inputArgs);
      this.binding.executeOp("WriteSummary", opAttrs, ids, 0);
      this.binding.deleteTensor(ids[1]);
    });
  }
  flushSummaryWriter(resourceHandle) {
    const inputArgs = [resourceHandle];
    this.executeMultipleOutputs("FlushSummaryWriter", [], inputArgs, 0);
  }
  /**
   * Group data into histogram buckets.
   *
   * @param data A `Tensor` of any shape. Must be castable to `float32`
   * @param bucketCount Optional positive `number`
   * @returns A `Tensor` of shape `[k, 3]` and type `float32`. The `i`th row
   *     is
   *   a triple `[leftEdge, rightEdge, count]` for a single bucket. The value
   * of `k` is either `bucketCount`, `1` or `0`.
   */
  buckets(data, bucketCount) {
    if (data.size === 0) {
      return tf.tensor([], [0, 3], "float32");
    }
    bucketCount = bucketCount !== void 0 ? bucketCount : 30;
    import_tfjs2.util.assert(
      Number.isInteger(bucketCount) && bucketCount > 0,
      () => `Expected bucket count to be a strictly positive integer, but it was ${bucketCount}`
    );
    data = data.flatten();
    data = data.cast("float32");
    const min = data.min();
    const max = data.max();
    const range = max.sub(min);
    const isSingular = range.equal(0).arraySync() !== 0;
    if (isSingular) {
      const center = min;
      const bucketStart = center.sub(0.5);
      const bucketEnd = center.add(0.5);
      const bucketCounts2 = tf.scalar(data.size, "float32");
      return tf.concat([bucketStart, bucketEnd, bucketCounts2]).reshape([1, 3]);
    }
    const bucketWidth = range.div(bucketCount);
    const offsets = data.sub(min);
    const bucketIndices = offsets.floorDiv(bucketWidth).cast("int32");
    const clampedIndices = tf.minimum(bucketIndices, bucketCount - 1).cast("int32");
    const oneHots = tf.oneHot(clampedIndices, bucketCount);
    const bucketCounts = oneHots.sum(0).cast("int32");
    let edges = tf.linspace(min.arraySync(), max.arraySync(), bucketCount + 1);
    edges = tf.concat([edges.slice(0, bucketCount), max.reshape([1])], 0);
    const leftEdges = edges.slice(0, bucketCount);
    const rightEdges = edges.slice(1, bucketCount);
    return tf.stack([leftEdges, rightEdges, bucketCounts.cast("float32")]).transpose();
  }
  // ~ TensorBoard-related (tfjs-node-specific) backend kernels.
  // ------------------------------------------------------------
  memory() {
    return { unreliable: true };
  }
  async time(f) {
    const start = process.hrtime();
    f();
    const elapsed = process.hrtime(start);
    return { kernelMs: elapsed[0] * 1e3 + elapsed[1] / 1e6 };
  }
  getNumOfSavedModels() {
    return this.binding.getNumOfSavedModels();
  }
  getNumOfTFTensors() {
    return this.binding.getNumOfTensors();
  }
};
function nodeBackend() {
  return tf.findBackend("tensorflow");
}
function getTFDType(dataType) {
  const binding = nodeBackend().binding;
  switch (dataType) {
    case "float32":
      return binding.TF_FLOAT;
    case "int32":
      return binding.TF_INT32;
    case "bool":
      return binding.TF_BOOL;
    case "complex64":
      return binding.TF_COMPLEX64;
    case "string":
      return binding.TF_STRING;
    // tslint:disable-next-line:no-any
    case "int64":
      return binding.TF_INT64;
    default:
      const errorMessage = `Unknown dtype: ${dataType}`;
      throw new Error(errorMessage);
  }
}
function createTensorsTypeOpAttr(attrName, tensorsOrDtype) {
  if (isNullOrUndefined(tensorsOrDtype)) {
    throw new Error("Invalid input tensors value.");
  }
  return {
    name: attrName,
    type: nodeBackend().binding.TF_ATTR_TYPE,
    value: tensorsOrDtype instanceof tf.Tensor || Array.isArray(tensorsOrDtype) ? getTFDTypeForInputs(tensorsOrDtype) : getTFDType(tensorsOrDtype)
  };
}
function getTFDTypeForInputs(tensors) {
  if (isNullOrUndefined(tensors)) {
    throw new Error("Invalid input tensors value.");
  }
  if (isArray(tensors)) {
    for (let i = 0; i < tensors.length; i++) {
      return getTFDType(tensors[i].dtype);
    }
    return -1;
  } else {
    return getTFDType(tensors.dtype);
  }
}

// node_modules/@tensorflow/tfjs-node-gpu/src/register_all_kernels.ts
var import_tfjs156 = require("@tensorflow/tfjs-core");

// node_modules/@tensorflow/tfjs-node-gpu/src/kernels/_FusedMatMul.ts
var import_tfjs3 = require("@tensorflow/tfjs-core");
var _fusedMatMulConfig = {
  kernelName: import_tfjs3._FusedMatMul,
  backendName: "tensorflow",
  kernelFunc: (args) => {
    const { a, b, bias, preluActivationWeights } = args.inputs;
    const backend = args.backend;
    const { transposeA, transposeB, activation, leakyreluAlpha } = args.attrs;
    return (0, import_tfjs3.tidy)(() => {
      let result = (0, import_tfjs3.matMul)(a, b, transposeA, transposeB);
      if (bias != null) {
        result = (0, import_tfjs3.add)(result, bias);
      }
      result = backend.applyActivation(
        result,
        activation,
        preluActivationWeights,
        leakyreluAlpha
      );
      return result;
    });
  }
};

// node_modules/@tensorflow/tfjs-node-gpu/src/kernels/Abs.ts
var import_tfjs4 = require("@tensorflow/tfjs-core");
var absConfig = {
  kernelName: import_tfjs4.Abs,
  backendName: "tensorflow",
  kernelFunc: (args) => {
    const { x } = args.inputs;
    const backend = args.backend;
    if (x.dtype === "complex64") {
      const opAttrs = [
        createTensorsTypeOpAttr("T", x.dtype),
        createTensorsTypeOpAttr("Tout", "float32")
      ];
      return backend.executeSingleOutput("ComplexAbs", opAttrs, [x]);
    }
    return backend.executeSingleInput(import_tfjs4.Abs, x);
  }
};

// node_modules/@tensorflow/tfjs-node-gpu/src/kernels/Acos.ts
var import_tfjs5 = require("@tensorflow/tfjs-core");
var acosConfig = {
  kernelName: import_tfjs5.Acos,
  backendName: "tensorflow",
  kernelFunc: (args) => {
    const { x } = args.inputs;
    const backend = args.backend;
    return backend.executeSingleInput(import_tfjs5.Acos, x);
  }
};

// node_modules/@tensorflow/tfjs-node-gpu/src/kernels/Acosh.ts
var import_tfjs6 = require("@tensorflow/tfjs-core");
var acoshConfig = {
  kernelName: import_tfjs6.Acosh,
  backendName: "tensorflow",
  kernelFunc: (args) => {
    const { x } = args.inputs;
    const backend = args.backend;
    return backend.executeSingleInput(import_tfjs6.Acosh, x);
  }
};

// node_modules/@tensorflow/tfjs-node-gpu/src/kernels/Add.ts
var import_tfjs7 = require("@tensorflow/tfjs-core");
var addConfig = {
  kernelName: import_tfjs7.Add,
  backendName: "tensorflow",
  kernelFunc: (args) => {
    const { a, b } = args.inputs;
    const backend = args.backend;
    const opAttrs = [createTensorsTypeOpAttr(
      "T",
      import_tfjs7.backend_util.upcastType(a.dtype, b.dtype)
    )];
    return backend.executeSingleOutput(import_tfjs7.Add, opAttrs, [a, b]);
  }
};

// node_modules/@tensorflow/tfjs-node-gpu/src/kernels/AddN.ts
var import_tfjs8 = require("@tensorflow/tfjs-core");
var addNConfig = {
  kernelName: import_tfjs8.AddN,
  backendName: "tensorflow",
  kernelFunc: (args) => {
    const tensors = args.inputs;
    const backend = args.backend;
    const opAttrs = [
      createTensorsTypeOpAttr("T", tensors[0].dtype),
      { name: "N", type: backend.binding.TF_ATTR_INT, value: tensors.length }
    ];
    return backend.executeSingleOutput(import_tfjs8.AddN, opAttrs, tensors);
  }
};

// node_modules/@tensorflow/tfjs-node-gpu/src/kernels/All.ts
var import_tfjs9 = require("@tensorflow/tfjs-core");
var allConfig = {
  kernelName: import_tfjs9.All,
  backendName: "tensorflow",
  kernelFunc: (args) => {
    const { x } = args.inputs;
    const backend = args.backend;
    const { axis, keepDims } = args.attrs;
    const origAxes = import_tfjs9.util.parseAxisParam(axis, x.shape);
    const opAttrs = [
      { name: "keep_dims", type: backend.binding.TF_ATTR_BOOL, value: keepDims },
      createTensorsTypeOpAttr("Tidx", "int32")
    ];
    const axesTensor = (0, import_tfjs9.tensor1d)(origAxes, "int32");
    const res = backend.executeSingleOutput(import_tfjs9.All, opAttrs, [x, axesTensor]);
    axesTensor.dispose();
    return res;
  }
};

// node_modules/@tensorflow/tfjs-node-gpu/src/kernels/Any.ts
var import_tfjs10 = require("@tensorflow/tfjs-core");
var anyConfig = {
  kernelName: import_tfjs10.Any,
  backendName: "tensorflow",
  kernelFunc: (args) => {
    const { x } = args.inputs;
    const backend = args.backend;
    const { axis, keepDims } = args.attrs;
    const origAxes = import_tfjs10.util.parseAxisParam(axis, x.shape);
    const opAttrs = [
      { name: "keep_dims", type: backend.binding.TF_ATTR_BOOL, value: keepDims },
      createTensorsTypeOpAttr("Tidx", "int32")
    ];
    const axesTensor = (0, import_tfjs10.tensor1d)(origAxes, "int32");
    const res = backend.executeSingleOutput(import_tfjs10.Any, opAttrs, [x, axesTensor]);
    axesTensor.dispose();
    return res;
  }
};

// node_modules/@tensorflow/tfjs-node-gpu/src/kernels/ArgMax.ts
var import_tfjs11 = require("@tensorflow/tfjs-core");
var argMaxConfig = {
  kernelName: import_tfjs11.ArgMax,
  backendName: "tensorflow",
  kernelFunc: (args) => {
    const { x } = args.inputs;
    const backend = args.backend;
    const { axis } = args.attrs;
    const toDispose = [];
    let xInput = x;
    if (x.dtype === "bool") {
      xInput = x.toInt();
      toDispose.push(xInput);
    }
    const axisScalar = (0, import_tfjs11.scalar)(axis, "int32");
    toDispose.push(axisScalar);
    const opAttrs = [
      createTensorsTypeOpAttr("T", xInput.dtype),
      createTensorsTypeOpAttr("Tidx", "int32"),
      createTensorsTypeOpAttr("output_type", "int32")
    ];
    const res = backend.executeSingleOutput(import_tfjs11.ArgMax, opAttrs, [xInput, axisScalar]);
    toDispose.forEach((t) => t.dispose());
    return res;
  }
};

// node_modules/@tensorflow/tfjs-node-gpu/src/kernels/ArgMin.ts
var import_tfjs12 = require("@tensorflow/tfjs-core");
var argMinConfig = {
  kernelName: import_tfjs12.ArgMin,
  backendName: "tensorflow",
  kernelFunc: (args) => {
    const { x } = args.inputs;
    const backend = args.backend;
    const { axis } = args.attrs;
    const toDispose = [];
    let xInput = x;
    if (x.dtype === "bool") {
      xInput = x.toInt();
      toDispose.push(xInput);
    }
    const axisScalar = (0, import_tfjs12.scalar)(axis, "int32");
    toDispose.push(axisScalar);
    const opAttrs = [
      createTensorsTypeOpAttr("T", xInput.dtype),
      createTensorsTypeOpAttr("Tidx", "int32"),
      createTensorsTypeOpAttr("output_type", "int32")
    ];
    const res = backend.executeSingleOutput(import_tfjs12.ArgMin, opAttrs, [xInput, axisScalar]);
    toDispose.forEach((t) => t.dispose());
    return res;
  }
};

// node_modules/@tensorflow/tfjs-node-gpu/src/kernels/Asin.ts
var import_tfjs13 = require("@tensorflow/tfjs-core");
var asinConfig = {
  kernelName: import_tfjs13.Asin,
  backendName: "tensorflow",
  kernelFunc: (args) => {
    const { x } = args.inputs;
    const backend = args.backend;
    return backend.executeSingleInput(import_tfjs13.Asin, x);
  }
};

// node_modules/@tensorflow/tfjs-node-gpu/src/kernels/Asinh.ts
var import_tfjs14 = require("@tensorflow/tfjs-core");
var asinhConfig = {
  kernelName: import_tfjs14.Asinh,
  backendName: "tensorflow",
  kernelFunc: (args) => {
    const { x } = args.inputs;
    const backend = args.backend;
    return backend.executeSingleInput(import_tfjs14.Asinh, x);
  }
};

// node_modules/@tensorflow/tfjs-node-gpu/src/kernels/Atan.ts
var import_tfjs15 = require("@tensorflow/tfjs-core");
var atanConfig = {
  kernelName: import_tfjs15.Atan,
  backendName: "tensorflow",
  kernelFunc: (args) => {
    const { x } = args.inputs;
    const backend = args.backend;
    return backend.executeSingleInput(import_tfjs15.Atan, x);
  }
};

// node_modules/@tensorflow/tfjs-node-gpu/src/kernels/Atan2.ts
var import_tfjs16 = require("@tensorflow/tfjs-core");
var atan2Config = {
  kernelName: import_tfjs16.Atan2,
  backendName: "tensorflow",
  kernelFunc: (args) => {
    const { a, b } = args.inputs;
    const backend = args.backend;
    const opAttrs = [createTensorsTypeOpAttr("T", a.dtype)];
    return backend.executeSingleOutput(import_tfjs16.Atan2, opAttrs, [a, b]);
  }
};

// node_modules/@tensorflow/tfjs-node-gpu/src/kernels/Atanh.ts
var import_tfjs17 = require("@tensorflow/tfjs-core");
var atanhConfig = {
  kernelName: import_tfjs17.Atanh,
  backendName: "tensorflow",
  kernelFunc: (args) => {
    const { x } = args.inputs;
    const backend = args.backend;
    return backend.executeSingleInput(import_tfjs17.Atanh, x);
  }
};

// node_modules/@tensorflow/tfjs-node-gpu/src/kernels/AvgPool.ts
var import_tfjs18 = require("@tensorflow/tfjs-core");
var avgPoolConfig = {
  kernelName: import_tfjs18.AvgPool,
  backendName: "tensorflow",
  kernelFunc: (args) => {
    const { x } = args.inputs;
    const backend = args.backend;
    const { filterSize, strides, pad, dimRoundingMode } = args.attrs;
    const convInfo = import_tfjs18.backend_util.computePool2DInfo(
      x.shape,
      filterSize,
      strides,
      1,
      pad,
      dimRoundingMode
    );
    if (convInfo.padInfo.type !== "VALID" && convInfo.padInfo.type !== "SAME") {
      throw new Error(
        `TF Backend supports only 'valid' and 'same' padding while padding was ${convInfo.padInfo.type}`
      );
    }
    const ksize = [1, convInfo.filterHeight, convInfo.filterWidth, 1];
    const $strides = [1, convInfo.strideHeight, convInfo.strideWidth, 1];
    const padding = convInfo.padInfo.type;
    const dataFormat = convInfo.dataFormat === "channelsLast" ? "NHWC" : "NCHW";
    const opAttrs = [
      createTensorsTypeOpAttr("T", x.dtype),
      { name: "ksize", type: backend.binding.TF_ATTR_INT, value: ksize },
      { name: "strides", type: backend.binding.TF_ATTR_INT, value: $strides },
      { name: "padding", type: backend.binding.TF_ATTR_STRING, value: padding },
      {
        name: "data_format",
        type: backend.binding.TF_ATTR_STRING,
        value: dataFormat
      }
    ];
    return backend.executeSingleOutput(import_tfjs18.AvgPool, opAttrs, [x]);
  }
};

// node_modules/@tensorflow/tfjs-node-gpu/src/kernels/AvgPool3D.ts
var import_tfjs19 = require("@tensorflow/tfjs-core");
var avgPool3DConfig = {
  kernelName: import_tfjs19.AvgPool3D,
  backendName: "tensorflow",
  kernelFunc: (args) => {
    const { x } = args.inputs;
    const backend = args.backend;
    const { filterSize, strides, pad, dimRoundingMode, dataFormat } = args.attrs;
    const convInfo = import_tfjs19.backend_util.computePool3DInfo(
      x.shape,
      filterSize,
      strides,
      1,
      pad,
      dimRoundingMode,
      dataFormat
    );
    if (convInfo.padInfo.type !== "VALID" && convInfo.padInfo.type !== "SAME") {
      throw new Error(
        `TF Backend supports only 'valid' and 'same' padding while padding was ${convInfo.padInfo.type}`
      );
    }
    const ksize = [
      1,
      convInfo.filterDepth,
      convInfo.filterHeight,
      convInfo.filterWidth,
      1
    ];
    const $strides = [
      1,
      convInfo.strideDepth,
      convInfo.strideHeight,
      convInfo.strideWidth,
      1
    ];
    const padding = convInfo.padInfo.type;
    const $dataFormat = convInfo.dataFormat === "channelsLast" ? "NDHWC" : "NCDHW";
    const opAttrs = [
      createTensorsTypeOpAttr("T", x.dtype),
      { name: "ksize", type: backend.binding.TF_ATTR_INT, value: ksize },
      { name: "strides", type: backend.binding.TF_ATTR_INT, value: $strides },
      { name: "padding", type: backend.binding.TF_ATTR_STRING, value: padding },
      {
        name: "data_format",
        type: backend.binding.TF_ATTR_STRING,
        value: $dataFormat
      }
    ];
    return backend.executeSingleOutput(import_tfjs19.AvgPool3D, opAttrs, [x]);
  }
};

// node_modules/@tensorflow/tfjs-node-gpu/src/kernels/AvgPool3DGrad.ts
var import_tfjs20 = require("@tensorflow/tfjs-core");
var avgPool3DGradConfig = {
  kernelName: import_tfjs20.AvgPool3DGrad,
  backendName: "tensorflow",
  kernelFunc: (args) => {
    const { dy, input } = args.inputs;
    const backend = args.backend;
    const { filterSize, strides, pad, dimRoundingMode } = args.attrs;
    const convInfo = import_tfjs20.backend_util.computePool3DInfo(
      input.shape,
      filterSize,
      strides,
      1,
      pad,
      dimRoundingMode
    );
    if (convInfo.padInfo.type !== "VALID" && convInfo.padInfo.type !== "SAME") {
      throw new Error(
        `TF Backend supports only 'valid' and 'same' padding while padding type was ${convInfo.padInfo.type}`
      );
    }
    const ksize = [
      1,
      convInfo.filterDepth,
      convInfo.filterHeight,
      convInfo.filterWidth,
      1
    ];
    const $strides = [
      1,
      convInfo.strideDepth,
      convInfo.strideHeight,
      convInfo.strideWidth,
      1
    ];
    const padding = convInfo.padInfo.type;
    const dataFormat = convInfo.dataFormat === "channelsLast" ? "NDHWC" : "NCDHW";
    const opAttrs = [
      createTensorsTypeOpAttr("T", input.dtype),
      { name: "ksize", type: backend.binding.TF_ATTR_INT, value: ksize },
      { name: "strides", type: backend.binding.TF_ATTR_INT, value: $strides },
      { name: "padding", type: backend.binding.TF_ATTR_STRING, value: padding },
      {
        name: "data_format",
        type: backend.binding.TF_ATTR_STRING,
        value: dataFormat
      }
    ];
    const origInputShape = (0, import_tfjs20.tensor1d)(input.shape, "int32");
    const res = backend.executeSingleOutput(
      import_tfjs20.AvgPool3DGrad,
      opAttrs,
      [origInputShape, dy]
    );
    origInputShape.dispose();
    return res;
  }
};

// node_modules/@tensorflow/tfjs-node-gpu/src/kernels/AvgPoolGrad.ts
var import_tfjs21 = require("@tensorflow/tfjs-core");
var avgPoolGradConfig = {
  kernelName: import_tfjs21.AvgPoolGrad,
  backendName: "tensorflow",
  kernelFunc: (args) => {
    const { dy, input } = args.inputs;
    const backend = args.backend;
    const { filterSize, strides, pad } = args.attrs;
    const convInfo = import_tfjs21.backend_util.computePool2DInfo(
      input.shape,
      filterSize,
      strides,
      1,
      pad
    );
    if (convInfo.padInfo.type !== "VALID" && convInfo.padInfo.type !== "SAME") {
      throw new Error(
        `TF Backend supports only 'valid' and 'same' padding while padding type was ${convInfo.padInfo.type}`
      );
    }
    const ksize = [1, convInfo.filterHeight, convInfo.filterWidth, 1];
    const $strides = [1, convInfo.strideHeight, convInfo.strideWidth, 1];
    const padding = convInfo.padInfo.type;
    const dataFormat = convInfo.dataFormat === "channelsLast" ? "NHWC" : "NCHW";
    const opAttrs = [
      createTensorsTypeOpAttr("T", input.dtype),
      { name: "ksize", type: backend.binding.TF_ATTR_INT, value: ksize },
      { name: "strides", type: backend.binding.TF_ATTR_INT, value: $strides },
      { name: "padding", type: backend.binding.TF_ATTR_STRING, value: padding },
      {
        name: "data_format",
        type: backend.binding.TF_ATTR_STRING,
        value: dataFormat
      }
    ];
    const origInputShape = (0, import_tfjs21.tensor1d)(input.shape, "int32");
    const ret = backend.executeSingleOutput(import_tfjs21.AvgPoolGrad, opAttrs, [origInputShape, dy]);
    origInputShape.dispose();
    return ret;
  }
};

// node_modules/@tensorflow/tfjs-node-gpu/src/kernels/BatchMatMul.ts
var import_tfjs22 = require("@tensorflow/tfjs-core");
var batchMatMulConfig = {
  kernelName: import_tfjs22.BatchMatMul,
  backendName: "tensorflow",
  kernelFunc: (args) => {
    const { a, b } = args.inputs;
    const backend = args.backend;
    const { transposeA, transposeB } = args.attrs;
    const opAttrs = [
      createTensorsTypeOpAttr("T", a.dtype),
      { name: "adj_x", type: backend.binding.TF_ATTR_BOOL, value: transposeA },
      { name: "adj_y", type: backend.binding.TF_ATTR_BOOL, value: transposeB }
    ];
    return backend.executeSingleOutput("BatchMatMulV2", opAttrs, [a, b]);
  }
};

// node_modules/@tensorflow/tfjs-node-gpu/src/kernels/BatchToSpaceND.ts
var import_tfjs23 = require("@tensorflow/tfjs-core");
var batchToSpaceNDConfig = {
  kernelName: import_tfjs23.BatchToSpaceND,
  backendName: "tensorflow",
  kernelFunc: (args) => {
    const { x } = args.inputs;
    const backend = args.backend;
    const { blockShape, crops } = args.attrs;
    const blockShapeTensor = (0, import_tfjs23.tensor1d)(blockShape, "int32");
    const cropsTensor = (0, import_tfjs23.tensor2d)(crops, [crops.length, crops[0].length], "int32");
    const opAttrs = [
      createTensorsTypeOpAttr("T", x.dtype),
      createTensorsTypeOpAttr("Tblock_shape", "int32"),
      createTensorsTypeOpAttr("Tcrops", cropsTensor.dtype)
    ];
    const res = backend.executeSingleOutput(
      import_tfjs23.BatchToSpaceND,
      opAttrs,
      [x, blockShapeTensor, cropsTensor]
    );
    cropsTensor.dispose();
    blockShapeTensor.dispose();
    return res;
  }
};

// node_modules/@tensorflow/tfjs-node-gpu/src/kernels/Bincount.ts
var import_tfjs24 = require("@tensorflow/tfjs-core");
var bincountConfig = {
  kernelName: import_tfjs24.Bincount,
  backendName: "tensorflow",
  kernelFunc: ({ inputs, backend, attrs }) => {
    const { x, weights } = inputs;
    const { size } = attrs;
    const nodeBackend2 = backend;
    const $size = (0, import_tfjs24.scalar)(size, "int32");
    const opAttrs = [createTensorsTypeOpAttr("T", weights.dtype)];
    const result = nodeBackend2.executeSingleOutput(import_tfjs24.Bincount, opAttrs, [x, $size, weights]);
    $size.dispose();
    return result;
  }
};

// node_modules/@tensorflow/tfjs-node-gpu/src/kernels/BroadcastArgs.ts
var import_tfjs25 = require("@tensorflow/tfjs-core");
var broadcastArgsConfig = {
  kernelName: import_tfjs25.BroadcastArgs,
  backendName: "tensorflow",
  kernelFunc: (args) => {
    const { s0, s1 } = args.inputs;
    const backend = args.backend;
    const opAttrs = [createTensorsTypeOpAttr(
      "T",
      import_tfjs25.backend_util.upcastType(s0.dtype, s1.dtype)
    )];
    return backend.executeSingleOutput(import_tfjs25.BroadcastArgs, opAttrs, [s0, s1]);
  }
};

// node_modules/@tensorflow/tfjs-node-gpu/src/kernels/Cast.ts
var import_tfjs26 = require("@tensorflow/tfjs-core");
var castConfig = {
  kernelName: import_tfjs26.Cast,
  backendName: "tensorflow",
  kernelFunc: (args) => {
    const { x } = args.inputs;
    const backend = args.backend;
    const { dtype } = args.attrs;
    const opAttrs = [
      createTensorsTypeOpAttr("SrcT", x.dtype),
      createTensorsTypeOpAttr("DstT", dtype),
      { name: "Truncate", type: backend.binding.TF_ATTR_BOOL, value: false }
    ];
    return backend.executeSingleOutput(import_tfjs26.Cast, opAttrs, [x]);
  }
};

// node_modules/@tensorflow/tfjs-node-gpu/src/kernels/Ceil.ts
var import_tfjs27 = require("@tensorflow/tfjs-core");
var ceilConfig = {
  kernelName: import_tfjs27.Ceil,
  backendName: "tensorflow",
  kernelFunc: (args) => {
    const { x } = args.inputs;
    const backend = args.backend;
    return backend.executeSingleInput(import_tfjs27.Ceil, x);
  }
};

// node_modules/@tensorflow/tfjs-node-gpu/src/kernels/ClipByValue.ts
var import_tfjs28 = require("@tensorflow/tfjs-core");
var clipByValueConfig = {
  kernelName: import_tfjs28.ClipByValue,
  backendName: "tensorflow",
  kernelFunc: (args) => {
    const { x } = args.inputs;
    const { clipValueMin, clipValueMax } = args.attrs;
    return (0, import_tfjs28.tidy)(() => {
      const xMin = (0, import_tfjs28.minimum)(x, (0, import_tfjs28.scalar)(clipValueMax, x.dtype));
      return (0, import_tfjs28.maximum)(xMin, (0, import_tfjs28.scalar)(clipValueMin, x.dtype));
    });
  }
};

// node_modules/@tensorflow/tfjs-node-gpu/src/kernels/Complex.ts
var import_tfjs29 = require("@tensorflow/tfjs-core");
var complexConfig = {
  kernelName: import_tfjs29.Complex,
  backendName: "tensorflow",
  kernelFunc: (args) => {
    const { real, imag } = args.inputs;
    const backend = args.backend;
    const opAttrs = [
      createTensorsTypeOpAttr("T", real),
      {
        name: "Tout",
        type: backend.binding.TF_ATTR_TYPE,
        value: backend.binding.TF_COMPLEX64
      }
    ];
    const inputs = [real, imag];
    return backend.executeSingleOutput(import_tfjs29.Complex, opAttrs, inputs);
  }
};

// node_modules/@tensorflow/tfjs-node-gpu/src/kernels/ComplexAbs.ts
var import_tfjs30 = require("@tensorflow/tfjs-core");
var complexAbsConfig = {
  kernelName: import_tfjs30.ComplexAbs,
  backendName: "tensorflow",
  kernelFunc: (args) => {
    const { x } = args.inputs;
    const backend = args.backend;
    const opAttrs = [
      createTensorsTypeOpAttr("T", x.dtype),
      createTensorsTypeOpAttr("Tout", "float32")
    ];
    return backend.executeSingleOutput(import_tfjs30.ComplexAbs, opAttrs, [x]);
  }
};

// node_modules/@tensorflow/tfjs-node-gpu/src/kernels/Concat.ts
var import_tfjs31 = require("@tensorflow/tfjs-core");
var concatConfig = {
  kernelName: import_tfjs31.Concat,
  backendName: "tensorflow",
  kernelFunc: (args) => {
    const tensors = args.inputs;
    const backend = args.backend;
    const { axis } = args.attrs;
    const opAttrs = [
      { name: "N", type: backend.binding.TF_ATTR_INT, value: tensors.length },
      {
        name: "Tidx",
        type: backend.binding.TF_ATTR_TYPE,
        value: backend.binding.TF_INT32
      },
      createTensorsTypeOpAttr("T", tensors)
    ];
    const inputs = Array.from(tensors);
    const axisTensor = (0, import_tfjs31.scalar)(axis, "int32");
    inputs.push(axisTensor);
    const res = backend.executeSingleOutput("ConcatV2", opAttrs, inputs);
    axisTensor.dispose();
    return res;
  }
};

// node_modules/@tensorflow/tfjs-node-gpu/src/kernels/Conv2D.ts
var import_tfjs32 = require("@tensorflow/tfjs-core");
var conv2DConfig = {
  kernelName: import_tfjs32.Conv2D,
  backendName: "tensorflow",
  kernelFunc: (args) => {
    const { x, filter } = args.inputs;
    const backend = args.backend;
    const { strides, pad, dataFormat, dilations, dimRoundingMode } = args.attrs;
    const $dataFormat = import_tfjs32.backend_util.convertConv2DDataFormat(dataFormat);
    const convInfo = import_tfjs32.backend_util.computeConv2DInfo(
      x.shape,
      filter.shape,
      strides,
      dilations,
      pad,
      dimRoundingMode,
      false,
      $dataFormat
    );
    return conv2dImpl(x, filter, convInfo, backend);
  }
};
function conv2dImpl(x, filter, convInfo, backend) {
  if (convInfo.padInfo.type !== "VALID" && convInfo.padInfo.type !== "SAME" && convInfo.padInfo.type !== "EXPLICIT") {
    throw new Error(
      `TF Backend supports only 'valid' and 'same' padding while padding was ${convInfo.padInfo.type}`
    );
  }
  const strides = [1, convInfo.strideHeight, convInfo.strideWidth, 1];
  const padding = convInfo.padInfo.type;
  const dataFormat = convInfo.dataFormat === "channelsLast" ? "NHWC" : "NCHW";
  const dilations = [1, convInfo.dilationHeight, convInfo.dilationWidth, 1];
  const opAttrs = [
    createTensorsTypeOpAttr("T", x.dtype),
    { name: "strides", type: backend.binding.TF_ATTR_INT, value: strides },
    { name: "padding", type: backend.binding.TF_ATTR_STRING, value: padding },
    {
      name: "data_format",
      type: backend.binding.TF_ATTR_STRING,
      value: dataFormat
    },
    { name: "use_cudnn_on_gpu", type: backend.binding.TF_ATTR_BOOL, value: true },
    { name: "dilations", type: backend.binding.TF_ATTR_INT, value: dilations }
  ];
  if (padding === "EXPLICIT") {
    const padValue = [
      convInfo.padInfo.top,
      convInfo.padInfo.bottom,
      convInfo.padInfo.left,
      convInfo.padInfo.right
    ];
    opAttrs.push({
      name: "explicit_paddings",
      type: backend.binding.TF_ATTR_INT,
      value: dataFormat === "NHWC" ? [0, 0, ...padValue, 0, 0] : [0, 0, 0, 0, ...padValue]
    });
  }
  return backend.executeSingleOutput(import_tfjs32.Conv2D, opAttrs, [x, filter]);
}

// node_modules/@tensorflow/tfjs-node-gpu/src/kernels/Conv2DBackpropFilter.ts
var import_tfjs33 = require("@tensorflow/tfjs-core");
var conv2DBackpropFilterConfig = {
  kernelName: import_tfjs33.Conv2DBackpropFilter,
  backendName: "tensorflow",
  kernelFunc: (args) => {
    const { x, dy } = args.inputs;
    const backend = args.backend;
    const { strides, pad, dataFormat, dimRoundingMode, filterShape } = args.attrs;
    const $dataFormat = import_tfjs33.backend_util.convertConv2DDataFormat(dataFormat);
    const convInfo = import_tfjs33.backend_util.computeConv2DInfo(
      x.shape,
      filterShape,
      strides,
      1,
      pad,
      dimRoundingMode,
      false,
      $dataFormat
    );
    return conv2DBackpropFilterImpl(dy, x, convInfo, backend);
  }
};
function conv2DBackpropFilterImpl(dy, filter, convInfo, backend) {
  if (convInfo.padInfo.type !== "VALID" && convInfo.padInfo.type !== "SAME") {
    throw new Error(
      `TF Backend supports only 'valid' and 'same' padding while padding was ${convInfo.padInfo.type}`
    );
  }
  const strides = [1, convInfo.strideHeight, convInfo.strideWidth, 1];
  const padding = convInfo.padInfo.type;
  const dataFormat = convInfo.dataFormat === "channelsLast" ? "NHWC" : "NCHW";
  const dilations = [1, convInfo.dilationHeight, convInfo.dilationWidth, 1];
  const opAttrs = [
    createTensorsTypeOpAttr("T", "float32"),
    { name: "strides", type: backend.binding.TF_ATTR_INT, value: strides },
    { name: "padding", type: backend.binding.TF_ATTR_STRING, value: padding },
    {
      name: "data_format",
      type: backend.binding.TF_ATTR_STRING,
      value: dataFormat
    },
    { name: "use_cudnn_on_gpu", type: backend.binding.TF_ATTR_BOOL, value: true },
    { name: "dilations", type: backend.binding.TF_ATTR_INT, value: dilations }
  ];
  const filterSizes = (0, import_tfjs33.tensor1d)(convInfo.filterShape, "int32");
  const res = backend.executeSingleOutput(
    import_tfjs33.Conv2DBackpropFilter,
    opAttrs,
    [filter, filterSizes, dy]
  );
  filterSizes.dispose();
  return res;
}

// node_modules/@tensorflow/tfjs-node-gpu/src/kernels/Conv2DBackpropInput.ts
var import_tfjs34 = require("@tensorflow/tfjs-core");
var conv2DBackpropInputConfig = {
  kernelName: import_tfjs34.Conv2DBackpropInput,
  backendName: "tensorflow",
  kernelFunc: (args) => {
    const { dy, filter } = args.inputs;
    const backend = args.backend;
    const { strides, pad, dataFormat, dimRoundingMode, inputShape } = args.attrs;
    const $dataFormat = import_tfjs34.backend_util.convertConv2DDataFormat(dataFormat);
    const convInfo = import_tfjs34.backend_util.computeConv2DInfo(
      inputShape,
      filter.shape,
      strides,
      1,
      pad,
      dimRoundingMode,
      false,
      $dataFormat
    );
    return conv2DBackpropInputImpl(dy, filter, convInfo, backend);
  }
};
function conv2DBackpropInputImpl(dy, filter, convInfo, backend) {
  if (convInfo.padInfo.type !== "VALID" && convInfo.padInfo.type !== "SAME") {
    throw new Error(
      `TF Backend supports only 'valid' and 'same' padding while padding was ${convInfo.padInfo.type}`
    );
  }
  const strides = [1, convInfo.strideHeight, convInfo.strideWidth, 1];
  const padding = convInfo.padInfo.type;
  const dataFormat = convInfo.dataFormat === "channelsLast" ? "NHWC" : "NCHW";
  const dilations = [1, convInfo.dilationHeight, convInfo.dilationWidth, 1];
  const opAttrs = [
    createTensorsTypeOpAttr("T", "float32"),
    { name: "strides", type: backend.binding.TF_ATTR_INT, value: strides },
    { name: "padding", type: backend.binding.TF_ATTR_STRING, value: padding },
    {
      name: "data_format",
      type: backend.binding.TF_ATTR_STRING,
      value: dataFormat
    },
    { name: "use_cudnn_on_gpu", type: backend.binding.TF_ATTR_BOOL, value: true },
    { name: "dilations", type: backend.binding.TF_ATTR_INT, value: dilations }
  ];
  const inputSizes = (0, import_tfjs34.tensor1d)(convInfo.inShape, "int32");
  const res = backend.executeSingleOutput(
    import_tfjs34.Conv2DBackpropInput,
    opAttrs,
    [inputSizes, filter, dy]
  );
  inputSizes.dispose();
  return res;
}

// node_modules/@tensorflow/tfjs-node-gpu/src/kernels/Conv3D.ts
var import_tfjs35 = require("@tensorflow/tfjs-core");
var conv3DConfig = {
  kernelName: import_tfjs35.Conv3D,
  backendName: "tensorflow",
  kernelFunc: (args) => {
    const { x, filter } = args.inputs;
    const backend = args.backend;
    const { strides, pad, dilations } = args.attrs;
    const convInfo = import_tfjs35.backend_util.computeConv3DInfo(
      x.shape,
      filter.shape,
      strides,
      dilations,
      pad
    );
    const $strides = [
      1,
      convInfo.strideDepth,
      convInfo.strideHeight,
      convInfo.strideWidth,
      1
    ];
    const padding = convInfo.padInfo.type;
    const $dataFormat = convInfo.dataFormat === "channelsLast" ? "NDHWC" : "NCDHW";
    if (!backend.isGPUPackage && convInfo.dilationDepth > 1) {
      throw new Error("CPU Dilation depth must be 1");
    }
    const $dilations = [
      1,
      convInfo.dilationDepth,
      convInfo.dilationHeight,
      convInfo.dilationWidth,
      1
    ];
    const opAttrs = [
      createTensorsTypeOpAttr("T", x.dtype),
      { name: "strides", type: backend.binding.TF_ATTR_INT, value: $strides },
      { name: "padding", type: backend.binding.TF_ATTR_STRING, value: padding },
      {
        name: "data_format",
        type: backend.binding.TF_ATTR_STRING,
        value: $dataFormat
      },
      { name: "dilations", type: backend.binding.TF_ATTR_INT, value: $dilations }
    ];
    return backend.executeSingleOutput(import_tfjs35.Conv3D, opAttrs, [x, filter]);
  }
};

// node_modules/@tensorflow/tfjs-node-gpu/src/kernels/Conv3DBackpropFilterV2.ts
var import_tfjs36 = require("@tensorflow/tfjs-core");
var conv3DBackpropFilterV2Config = {
  kernelName: import_tfjs36.Conv3DBackpropFilterV2,
  backendName: "tensorflow",
  kernelFunc: (args) => {
    const { x, dy } = args.inputs;
    const backend = args.backend;
    const { strides, pad, filterShape } = args.attrs;
    const dilations = 1;
    const convInfo = import_tfjs36.backend_util.computeConv3DInfo(
      x.shape,
      filterShape,
      strides,
      dilations,
      pad
    );
    const $strides = [
      1,
      convInfo.strideDepth,
      convInfo.strideHeight,
      convInfo.strideWidth,
      1
    ];
    const padding = convInfo.padInfo.type;
    const dataFormat = convInfo.dataFormat === "channelsLast" ? "NDHWC" : "NCDHW";
    if (!backend.isGPUPackage && convInfo.dilationDepth > 1) {
      throw new Error("CPU Dilation depth must be 1");
    }
    const $dilations = [
      1,
      convInfo.dilationDepth,
      convInfo.dilationHeight,
      convInfo.dilationWidth,
      1
    ];
    const opAttrs = [
      createTensorsTypeOpAttr("T", x.dtype),
      { name: "strides", type: backend.binding.TF_ATTR_INT, value: $strides },
      { name: "padding", type: backend.binding.TF_ATTR_STRING, value: padding },
      {
        name: "data_format",
        type: backend.binding.TF_ATTR_STRING,
        value: dataFormat
      },
      { name: "dilations", type: backend.binding.TF_ATTR_INT, value: $dilations }
    ];
    const filterSizes = (0, import_tfjs36.tensor1d)(filterShape, "int32");
    const res = backend.executeSingleOutput(
      import_tfjs36.Conv3DBackpropFilterV2,
      opAttrs,
      [x, filterSizes, dy]
    );
    filterSizes.dispose();
    return res;
  }
};

// node_modules/@tensorflow/tfjs-node-gpu/src/kernels/Conv3DBackpropInputV2.ts
var import_tfjs37 = require("@tensorflow/tfjs-core");
var conv3DBackpropInputV2Config = {
  kernelName: import_tfjs37.Conv3DBackpropInputV2,
  backendName: "tensorflow",
  kernelFunc: (args) => {
    const { dy, filter } = args.inputs;
    const backend = args.backend;
    const { strides, pad, inputShape } = args.attrs;
    const dilations = 1;
    const convInfo = import_tfjs37.backend_util.computeConv3DInfo(
      inputShape,
      filter.shape,
      strides,
      dilations,
      pad
    );
    const $strides = [
      1,
      convInfo.strideDepth,
      convInfo.strideHeight,
      convInfo.strideWidth,
      1
    ];
    const padding = convInfo.padInfo.type;
    const dataFormat = convInfo.dataFormat === "channelsLast" ? "NDHWC" : "NCDHW";
    if (!backend.isGPUPackage && convInfo.dilationDepth > 1) {
      throw new Error("CPU Dilation depth must be 1");
    }
    const $dilations = [
      1,
      convInfo.dilationDepth,
      convInfo.dilationHeight,
      convInfo.dilationWidth,
      1
    ];
    const opAttrs = [
      createTensorsTypeOpAttr("T", dy.dtype),
      { name: "strides", type: backend.binding.TF_ATTR_INT, value: $strides },
      { name: "padding", type: backend.binding.TF_ATTR_STRING, value: padding },
      {
        name: "data_format",
        type: backend.binding.TF_ATTR_STRING,
        value: dataFormat
      },
      { name: "dilations", type: backend.binding.TF_ATTR_INT, value: $dilations },
      createTensorsTypeOpAttr("Tshape", "int32")
    ];
    const inputSizes = (0, import_tfjs37.tensor1d)(inputShape, "int32");
    const res = backend.executeSingleOutput(
      import_tfjs37.Conv3DBackpropInputV2,
      opAttrs,
      [inputSizes, filter, dy]
    );
    inputSizes.dispose();
    return res;
  }
};

// node_modules/@tensorflow/tfjs-node-gpu/src/kernels/Cos.ts
var import_tfjs38 = require("@tensorflow/tfjs-core");
var cosConfig = {
  kernelName: import_tfjs38.Cos,
  backendName: "tensorflow",
  kernelFunc: (args) => {
    const { x } = args.inputs;
    const backend = args.backend;
    return backend.executeSingleInput(import_tfjs38.Cos, x);
  }
};

// node_modules/@tensorflow/tfjs-node-gpu/src/kernels/Cosh.ts
var import_tfjs39 = require("@tensorflow/tfjs-core");
var coshConfig = {
  kernelName: import_tfjs39.Cosh,
  backendName: "tensorflow",
  kernelFunc: (args) => {
    const { x } = args.inputs;
    const backend = args.backend;
    return backend.executeSingleInput(import_tfjs39.Cosh, x);
  }
};

// node_modules/@tensorflow/tfjs-node-gpu/src/kernels/CropAndResize.ts
var import_tfjs40 = require("@tensorflow/tfjs-core");
var cropAndResizeConfig = {
  kernelName: import_tfjs40.CropAndResize,
  backendName: "tensorflow",
  kernelFunc: (args) => {
    const { image, boxes, boxInd } = args.inputs;
    const backend = args.backend;
    const { cropSize, method, extrapolationValue } = args.attrs;
    const opAttrs = [
      createTensorsTypeOpAttr("T", image.dtype),
      { name: "method", type: backend.binding.TF_ATTR_STRING, value: method },
      {
        name: "extrapolation_value",
        type: backend.binding.TF_ATTR_FLOAT,
        value: extrapolationValue
      }
    ];
    const cropSizeTensor = (0, import_tfjs40.tensor1d)(cropSize, "int32");
    const res = backend.executeSingleOutput(
      import_tfjs40.CropAndResize,
      opAttrs,
      [image, boxes, boxInd, cropSizeTensor]
    );
    cropSizeTensor.dispose();
    return res;
  }
};

// node_modules/@tensorflow/tfjs-node-gpu/src/kernels/Cumprod.ts
var import_tfjs41 = require("@tensorflow/tfjs-core");
var cumprodConfig = {
  kernelName: import_tfjs41.Cumprod,
  backendName: "tensorflow",
  kernelFunc: (args) => {
    const { x } = args.inputs;
    const backend = args.backend;
    const { axis, exclusive, reverse } = args.attrs;
    const axisTensor = (0, import_tfjs41.scalar)(axis, "int32");
    const opAttrs = [
      { name: "exclusive", type: backend.binding.TF_ATTR_BOOL, value: exclusive },
      { name: "reverse", type: backend.binding.TF_ATTR_BOOL, value: reverse },
      createTensorsTypeOpAttr("T", x.dtype),
      createTensorsTypeOpAttr("Tidx", "int32")
    ];
    const res = backend.executeSingleOutput(import_tfjs41.Cumprod, opAttrs, [x, axisTensor]);
    axisTensor.dispose();
    return res;
  }
};

// node_modules/@tensorflow/tfjs-node-gpu/src/kernels/Cumsum.ts
var import_tfjs42 = require("@tensorflow/tfjs-core");
var cumsumConfig = {
  kernelName: import_tfjs42.Cumsum,
  backendName: "tensorflow",
  kernelFunc: (args) => {
    const { x } = args.inputs;
    const backend = args.backend;
    const { axis, exclusive, reverse } = args.attrs;
    const axisTensor = (0, import_tfjs42.scalar)(axis, "int32");
    const opAttrs = [
      { name: "exclusive", type: backend.binding.TF_ATTR_BOOL, value: exclusive },
      { name: "reverse", type: backend.binding.TF_ATTR_BOOL, value: reverse },
      createTensorsTypeOpAttr("T", x.dtype),
      createTensorsTypeOpAttr("Tidx", "int32")
    ];
    const res = backend.executeSingleOutput(import_tfjs42.Cumsum, opAttrs, [x, axisTensor]);
    axisTensor.dispose();
    return res;
  }
};

// node_modules/@tensorflow/tfjs-node-gpu/src/kernels/DepthToSpace.ts
var import_tfjs43 = require("@tensorflow/tfjs-core");
var depthToSpaceConfig = {
  kernelName: import_tfjs43.DepthToSpace,
  backendName: "tensorflow",
  kernelFunc: (args) => {
    const { x } = args.inputs;
    const backend = args.backend;
    const { blockSize, dataFormat } = args.attrs;
    const opAttrs = [
      createTensorsTypeOpAttr("T", x),
      {
        name: "block_size",
        type: backend.binding.TF_ATTR_INT,
        value: blockSize < 2 ? 2 : blockSize
      },
      {
        name: "data_format",
        type: backend.binding.TF_ATTR_STRING,
        value: dataFormat
      }
    ];
    const inputs = [x];
    return backend.executeSingleOutput(import_tfjs43.DepthToSpace, opAttrs, inputs);
  }
};

// node_modules/@tensorflow/tfjs-node-gpu/src/kernels/DepthwiseConv2dNative.ts
var import_tfjs44 = require("@tensorflow/tfjs-core");
var depthwiseConv2dNativeConfig = {
  kernelName: import_tfjs44.DepthwiseConv2dNative,
  backendName: "tensorflow",
  kernelFunc: (args) => {
    const { x, filter } = args.inputs;
    const backend = args.backend;
    const { strides, pad, dilations, dimRoundingMode } = args.attrs;
    let $dilations = dilations;
    if ($dilations == null) {
      $dilations = [1, 1];
    }
    const convInfo = import_tfjs44.backend_util.computeConv2DInfo(
      x.shape,
      filter.shape,
      strides,
      $dilations,
      pad,
      dimRoundingMode,
      true
      /* depthwise */
    );
    return depthwiseConv2dNativeImpl(x, filter, convInfo, backend);
  }
};
function depthwiseConv2dNativeImpl(input, filter, convInfo, backend) {
  if (convInfo.padInfo.type !== "VALID" && convInfo.padInfo.type !== "SAME" && convInfo.padInfo.type !== "EXPLICIT") {
    throw new Error(
      `TF Backend supports only 'valid' and 'same' padding while padding was ${convInfo.padInfo.type}`
    );
  }
  const strides = [1, convInfo.strideHeight, convInfo.strideWidth, 1];
  const padding = convInfo.padInfo.type;
  const dataFormat = convInfo.dataFormat === "channelsLast" ? "NHWC" : "NCHW";
  const dilations = [1, convInfo.dilationHeight, convInfo.dilationWidth, 1];
  const opAttrs = [
    createTensorsTypeOpAttr("T", input.dtype),
    { name: "strides", type: backend.binding.TF_ATTR_INT, value: strides },
    { name: "padding", type: backend.binding.TF_ATTR_STRING, value: padding },
    {
      name: "data_format",
      type: backend.binding.TF_ATTR_STRING,
      value: dataFormat
    },
    { name: "dilations", type: backend.binding.TF_ATTR_INT, value: dilations }
  ];
  if (padding === "EXPLICIT") {
    const padValue = [
      convInfo.padInfo.top,
      convInfo.padInfo.bottom,
      convInfo.padInfo.left,
      convInfo.padInfo.right
    ];
    opAttrs.push({
      name: "explicit_paddings",
      type: backend.binding.TF_ATTR_INT,
      value: dataFormat === "NHWC" ? [0, 0, ...padValue, 0, 0] : [0, 0, 0, 0, ...padValue]
    });
  }
  return backend.executeSingleOutput(
    import_tfjs44.DepthwiseConv2dNative,
    opAttrs,
    [input, filter]
  );
}

// node_modules/@tensorflow/tfjs-node-gpu/src/kernels/DepthwiseConv2dNativeBackpropFilter.ts
var import_tfjs45 = require("@tensorflow/tfjs-core");
var depthwiseConv2dNativeBackpropFilterConfig = {
  kernelName: import_tfjs45.DepthwiseConv2dNativeBackpropFilter,
  backendName: "tensorflow",
  kernelFunc: (args) => {
    const { x, dy } = args.inputs;
    const backend = args.backend;
    const { strides, dilations, pad, dimRoundingMode, filterShape } = args.attrs;
    const convInfo = import_tfjs45.backend_util.computeConv2DInfo(
      x.shape,
      filterShape,
      strides,
      dilations,
      pad,
      dimRoundingMode,
      true
      /* depthwise */
    );
    return depthwiseConv2dNativeBackpropFilterImpl(x, dy, convInfo, backend);
  }
};
function depthwiseConv2dNativeBackpropFilterImpl(x, dy, convInfo, backend) {
  const strides = [1, convInfo.strideHeight, convInfo.strideWidth, 1];
  const padding = convInfo.padInfo.type;
  const dataFormat = convInfo.dataFormat === "channelsLast" ? "NHWC" : "NCHW";
  const dilations = [1, convInfo.dilationHeight, convInfo.dilationWidth, 1];
  const opAttrs = [
    createTensorsTypeOpAttr("T", "float32"),
    { name: "strides", type: backend.binding.TF_ATTR_INT, value: strides },
    { name: "padding", type: backend.binding.TF_ATTR_STRING, value: padding },
    {
      name: "data_format",
      type: backend.binding.TF_ATTR_STRING,
      value: dataFormat
    },
    { name: "dilations", type: backend.binding.TF_ATTR_INT, value: dilations }
  ];
  const filterSizes = (0, import_tfjs45.tensor1d)(convInfo.filterShape, "int32");
  const res = backend.executeSingleOutput(
    import_tfjs45.DepthwiseConv2dNativeBackpropFilter,
    opAttrs,
    [x, filterSizes, dy]
  );
  filterSizes.dispose();
  return res;
}

// node_modules/@tensorflow/tfjs-node-gpu/src/kernels/DepthwiseConv2dNativeBackpropInput.ts
var import_tfjs46 = require("@tensorflow/tfjs-core");
var depthwiseConv2dNativeBackpropInputConfig = {
  kernelName: import_tfjs46.DepthwiseConv2dNativeBackpropInput,
  backendName: "tensorflow",
  kernelFunc: (args) => {
    const { dy, filter } = args.inputs;
    const backend = args.backend;
    const { strides, dilations, pad, dimRoundingMode, inputShape } = args.attrs;
    const convInfo = import_tfjs46.backend_util.computeConv2DInfo(
      inputShape,
      filter.shape,
      strides,
      dilations,
      pad,
      dimRoundingMode,
      true
      /* depthwise */
    );
    return depthwiseConv2dNativeBackpropInputImpl(
      dy,
      filter,
      convInfo,
      backend
    );
  }
};
function depthwiseConv2dNativeBackpropInputImpl(dy, filter, convInfo, backend) {
  const strides = [1, convInfo.strideHeight, convInfo.strideWidth, 1];
  const padding = convInfo.padInfo.type;
  const dataFormat = convInfo.dataFormat === "channelsLast" ? "NHWC" : "NCHW";
  const dilations = [1, convInfo.dilationHeight, convInfo.dilationWidth, 1];
  const opAttrs = [
    createTensorsTypeOpAttr("T", "float32"),
    { name: "strides", type: backend.binding.TF_ATTR_INT, value: strides },
    { name: "padding", type: backend.binding.TF_ATTR_STRING, value: padding },
    {
      name: "data_format",
      type: backend.binding.TF_ATTR_STRING,
      value: dataFormat
    },
    { name: "dilations", type: backend.binding.TF_ATTR_INT, value: dilations }
  ];
  const inputSizes = (0, import_tfjs46.tensor1d)(convInfo.inShape, "int32");
  const res = backend.executeSingleOutput(
    import_tfjs46.DepthwiseConv2dNativeBackpropInput,
    opAttrs,
    [inputSizes, filter, dy]
  );
  inputSizes.dispose();
  return res;
}

// node_modules/@tensorflow/tfjs-node-gpu/src/kernels/Diag.ts
var import_tfjs47 = require("@tensorflow/tfjs-core");
var diagConfig = {
  kernelName: import_tfjs47.Diag,
  backendName: "tensorflow",
  kernelFunc: (args) => {
    const { x } = args.inputs;
    const backend = args.backend;
    return backend.executeSingleInput(import_tfjs47.Diag, x);
  }
};

// node_modules/@tensorflow/tfjs-node-gpu/src/kernels/Dilation2D.ts
var import_tfjs48 = require("@tensorflow/tfjs-core");
var dilation2dConfig = {
  kernelName: import_tfjs48.Dilation2D,
  backendName: "tensorflow",
  kernelFunc: ({ inputs, backend, attrs }) => {
    const { x, filter } = inputs;
    const { strides, pad, dilations } = attrs;
    const { dilationHeight, dilationWidth, padInfo, strideHeight, strideWidth } = import_tfjs48.backend_util.computeDilation2DInfo(
      x.shape,
      filter.shape,
      strides,
      pad,
      "NHWC",
      dilations
    );
    const $strides = [1, strideHeight, strideWidth, 1];
    const $dilations = [1, dilationHeight, dilationWidth, 1];
    const nodeBackend2 = backend;
    const opAttrs = [
      createTensorsTypeOpAttr("T", x.dtype),
      { name: "strides", type: nodeBackend2.binding.TF_ATTR_INT, value: $strides },
      { name: "rates", type: nodeBackend2.binding.TF_ATTR_INT, value: $dilations },
      {
        name: "padding",
        type: nodeBackend2.binding.TF_ATTR_STRING,
        value: padInfo.type
      }
    ];
    return nodeBackend2.executeSingleOutput(import_tfjs48.Dilation2D, opAttrs, [x, filter]);
  }
};

// node_modules/@tensorflow/tfjs-node-gpu/src/kernels/Dilation2DBackpropFilter.ts
var import_tfjs49 = require("@tensorflow/tfjs-core");
var dilation2dBackpropFilterConfig = {
  kernelName: import_tfjs49.Dilation2DBackpropFilter,
  backendName: "tensorflow",
  kernelFunc: ({ inputs, backend, attrs }) => {
    const { x, filter, dy } = inputs;
    const { strides, pad, dilations } = attrs;
    const { dilationHeight, dilationWidth, padInfo, strideHeight, strideWidth } = import_tfjs49.backend_util.computeDilation2DInfo(
      x.shape,
      filter.shape,
      strides,
      pad,
      "NHWC",
      dilations
    );
    const $strides = [1, strideHeight, strideWidth, 1];
    const $dilations = [1, dilationHeight, dilationWidth, 1];
    const nodeBackend2 = backend;
    const opAttrs = [
      createTensorsTypeOpAttr("T", x.dtype),
      { name: "strides", type: nodeBackend2.binding.TF_ATTR_INT, value: $strides },
      { name: "rates", type: nodeBackend2.binding.TF_ATTR_INT, value: $dilations },
      {
        name: "padding",
        type: nodeBackend2.binding.TF_ATTR_STRING,
        value: padInfo.type
      }
    ];
    return nodeBackend2.executeSingleOutput(
      import_tfjs49.Dilation2DBackpropFilter,
      opAttrs,
      [x, filter, dy]
    );
  }
};

// node_modules/@tensorflow/tfjs-node-gpu/src/kernels/Dilation2DBackpropInput.ts
var import_tfjs50 = require("@tensorflow/tfjs-core");
var dilation2dBackpropInputConfig = {
  kernelName: import_tfjs50.Dilation2DBackpropInput,
  backendName: "tensorflow",
  kernelFunc: ({ inputs, backend, attrs }) => {
    const { x, filter, dy } = inputs;
    const { strides, pad, dilations } = attrs;
    const { dilationHeight, dilationWidth, padInfo, strideHeight, strideWidth } = import_tfjs50.backend_util.computeDilation2DInfo(
      x.shape,
      filter.shape,
      strides,
      pad,
      "NHWC",
      dilations
    );
    const $strides = [1, strideHeight, strideWidth, 1];
    const $dilations = [1, dilationHeight, dilationWidth, 1];
    const nodeBackend2 = backend;
    const opAttrs = [
      createTensorsTypeOpAttr("T", x.dtype),
      { name: "strides", type: nodeBackend2.binding.TF_ATTR_INT, value: $strides },
      { name: "rates", type: nodeBackend2.binding.TF_ATTR_INT, value: $dilations },
      {
        name: "padding",
        type: nodeBackend2.binding.TF_ATTR_STRING,
        value: padInfo.type
      }
    ];
    return nodeBackend2.executeSingleOutput(
      import_tfjs50.Dilation2DBackpropInput,
      opAttrs,
      [x, filter, dy]
    );
  }
};

// node_modules/@tensorflow/tfjs-node-gpu/src/kernels/Einsum.ts
var import_tfjs51 = require("@tensorflow/tfjs-core");
var einsumConfig = {
  kernelName: import_tfjs51.Einsum,
  backendName: "tensorflow",
  kernelFunc: (args) => {
    const { inputs, attrs } = args;
    const tensors = inputs;
    const backend = args.backend;
    const { equation } = attrs;
    const opAttrs = [
      { name: "N", type: backend.binding.TF_ATTR_INT, value: tensors.length },
      { name: "equation", type: backend.binding.TF_ATTR_STRING, value: equation },
      createTensorsTypeOpAttr("T", tensors)
    ];
    const tensorArray = Array.from(tensors);
    return backend.executeSingleOutput(import_tfjs51.Einsum, opAttrs, tensorArray);
  }
};

// node_modules/@tensorflow/tfjs-node-gpu/src/kernels/Elu.ts
var import_tfjs52 = require("@tensorflow/tfjs-core");
var eluConfig = {
  kernelName: import_tfjs52.Elu,
  backendName: "tensorflow",
  kernelFunc: (args) => {
    const { x } = args.inputs;
    const backend = args.backend;
    return backend.executeSingleInput(import_tfjs52.Elu, x);
  }
};

// node_modules/@tensorflow/tfjs-node-gpu/src/kernels/EluGrad.ts
var import_tfjs53 = require("@tensorflow/tfjs-core");
var eluGradConfig = {
  kernelName: import_tfjs53.EluGrad,
  backendName: "tensorflow",
  kernelFunc: (args) => {
    const { dy, y } = args.inputs;
    const backend = args.backend;
    const opAttrs = [createTensorsTypeOpAttr("T", y.dtype)];
    return backend.executeSingleOutput(import_tfjs53.EluGrad, opAttrs, [dy, y]);
  }
};

// node_modules/@tensorflow/tfjs-node-gpu/src/kernels/Equal.ts
var import_tfjs54 = require("@tensorflow/tfjs-core");
var equalConfig = {
  kernelName: import_tfjs54.Equal,
  backendName: "tensorflow",
  kernelFunc: (args) => {
    const { a, b } = args.inputs;
    const backend = args.backend;
    const opAttrs = [createTensorsTypeOpAttr(
      "T",
      import_tfjs54.backend_util.upcastType(a.dtype, b.dtype)
    )];
    return backend.executeSingleOutput(import_tfjs54.Equal, opAttrs, [a, b]);
  }
};

// node_modules/@tensorflow/tfjs-node-gpu/src/kernels/Erf.ts
var import_tfjs55 = require("@tensorflow/tfjs-core");
var erfConfig = {
  kernelName: import_tfjs55.Erf,
  backendName: "tensorflow",
  kernelFunc: (args) => {
    const { x } = args.inputs;
    const backend = args.backend;
    return backend.executeSingleInput(import_tfjs55.Erf, x);
  }
};

// node_modules/@tensorflow/tfjs-node-gpu/src/kernels/Exp.ts
var import_tfjs56 = require("@tensorflow/tfjs-core");
var expConfig = {
  kernelName: import_tfjs56.Exp,
  backendName: "tensorflow",
  kernelFunc: (args) => {
    const { x } = args.inputs;
    const backend = args.backend;
    let xTensor = x;
    if (x.dtype === "int32") {
      xTensor = x.toFloat();
      x.dispose();
    }
    return backend.executeSingleInput(import_tfjs56.Exp, xTensor);
  }
};

// node_modules/@tensorflow/tfjs-node-gpu/src/kernels/ExpandDims.ts
var import_tfjs57 = require("@tensorflow/tfjs-core");
var expandDimsConfig = {
  kernelName: import_tfjs57.ExpandDims,
  backendName: "tensorflow",
  kernelFunc: (args) => {
    const { input } = args.inputs;
    const backend = args.backend;
    const { dim } = args.attrs;
    const dimTensor = (0, import_tfjs57.scalar)(dim, "int32");
    const res = backend.executeSingleOutput(import_tfjs57.ExpandDims, [], [input, dimTensor]);
    dimTensor.dispose();
    return res;
  }
};

// node_modules/@tensorflow/tfjs-node-gpu/src/kernels/Expm1.ts
var import_tfjs58 = require("@tensorflow/tfjs-core");
var expm1Config = {
  kernelName: import_tfjs58.Expm1,
  backendName: "tensorflow",
  kernelFunc: (args) => {
    const { x } = args.inputs;
    const backend = args.backend;
    return backend.executeSingleInput(import_tfjs58.Expm1, x);
  }
};

// node_modules/@tensorflow/tfjs-node-gpu/src/kernels/FFT.ts
var import_tfjs59 = require("@tensorflow/tfjs-core");
var FFTConfig = {
  kernelName: import_tfjs59.FFT,
  backendName: "tensorflow",
  kernelFunc: (args) => {
    const { input } = args.inputs;
    const backend = args.backend;
    const opAttrs = [createTensorsTypeOpAttr("Tcomplex", input.dtype)];
    return backend.executeSingleOutput(import_tfjs59.FFT, opAttrs, [input]);
  }
};

// node_modules/@tensorflow/tfjs-node-gpu/src/kernels/Fill.ts
var import_tfjs60 = require("@tensorflow/tfjs-core");
var fillConfig = {
  kernelName: import_tfjs60.Fill,
  backendName: "tensorflow",
  kernelFunc: (args) => {
    const backend = args.backend;
    const { shape, value } = args.attrs;
    let { dtype } = args.attrs;
    if (dtype == null) {
      if (typeof value === "number") {
        dtype = "float32";
      } else {
        dtype = "string";
      }
    }
    const shapeTensor = (0, import_tfjs60.tensor1d)(shape, "int32");
    const valueTensor = (0, import_tfjs60.scalar)(value, dtype);
    const opAttrs = [
      {
        name: "T",
        type: backend.binding.TF_ATTR_TYPE,
        value: backend.getDTypeInteger(dtype)
      },
      {
        name: "index_type",
        type: backend.binding.TF_ATTR_TYPE,
        value: backend.binding.TF_INT32
      }
    ];
    const res = backend.executeSingleOutput(import_tfjs60.Fill, opAttrs, [shapeTensor, valueTensor]);
    shapeTensor.dispose();
    valueTensor.dispose();
    return res;
  }
};

// node_modules/@tensorflow/tfjs-node-gpu/src/kernels/FlipLeftRight.ts
var import_tfjs_core = require("@tensorflow/tfjs-core");
var flipLeftRightConfig = {
  kernelName: import_tfjs_core.FlipLeftRight,
  backendName: "tensorflow",
  kernelFunc({ inputs, backend }) {
    const nodeBackend2 = backend;
    const { image } = inputs;
    const opAttrs = [
      createTensorsTypeOpAttr("Tidx", "int32"),
      createTensorsTypeOpAttr("T", image.dtype)
    ];
    const axes = import_tfjs_core.util.parseAxisParam([2], image.shape);
    const axisTensor = (0, import_tfjs_core.tensor1d)(axes, "int32");
    const res = nodeBackend2.executeSingleOutput(
      "ReverseV2",
      opAttrs,
      [image, axisTensor]
    );
    axisTensor.dispose();
    return res;
  }
};

// node_modules/@tensorflow/tfjs-node-gpu/src/kernels/Floor.ts
var import_tfjs61 = require("@tensorflow/tfjs-core");
var floorConfig = {
  kernelName: import_tfjs61.Floor,
  backendName: "tensorflow",
  kernelFunc: (args) => {
    const { x } = args.inputs;
    const backend = args.backend;
    return backend.executeSingleInput(import_tfjs61.Floor, x);
  }
};

// node_modules/@tensorflow/tfjs-node-gpu/src/kernels/FloorDiv.ts
var import_tfjs62 = require("@tensorflow/tfjs-core");
var floorDivConfig = {
  kernelName: import_tfjs62.FloorDiv,
  backendName: "tensorflow",
  kernelFunc: (args) => {
    const { a, b } = args.inputs;
    const backend = args.backend;
    const opAttrs = [createTensorsTypeOpAttr(
      "T",
      import_tfjs62.backend_util.upcastType(a.dtype, b.dtype)
    )];
    return backend.executeSingleOutput(import_tfjs62.FloorDiv, opAttrs, [a, b]);
  }
};

// node_modules/@tensorflow/tfjs-node-gpu/src/kernels/FusedBatchNorm.ts
var import_tfjs63 = require("@tensorflow/tfjs-core");
var fusedBatchNormConfig = {
  kernelName: import_tfjs63.FusedBatchNorm,
  backendName: "tensorflow",
  kernelFunc: (args) => {
    const { x, mean, variance } = args.inputs;
    let { scale, offset } = args.inputs;
    const backend = args.backend;
    const { varianceEpsilon } = args.attrs;
    return (0, import_tfjs63.tidy)(() => {
      if (mean.rank > 1) {
        let inv = (0, import_tfjs63.rsqrt)((0, import_tfjs63.add)(variance, (0, import_tfjs63.scalar)(varianceEpsilon)));
        if (scale != null) {
          inv = (0, import_tfjs63.mul)(inv, scale);
        }
        const xNorm = (0, import_tfjs63.mul)((0, import_tfjs63.sub)(x, mean), inv);
        return offset != null ? (0, import_tfjs63.add)(xNorm, offset) : xNorm;
      }
      const dataFormat = "NHWC";
      const depth = x.shape[3];
      const opAttrs = [
        createTensorsTypeOpAttr("T", x.dtype),
        {
          name: "epsilon",
          type: backend.binding.TF_ATTR_FLOAT,
          value: varianceEpsilon
        },
        {
          name: "data_format",
          type: backend.binding.TF_ATTR_STRING,
          value: dataFormat
        },
        { name: "is_training", type: backend.binding.TF_ATTR_BOOL, value: false }
      ];
      const numOutputs = 5;
      if (scale == null) {
        scale = (0, import_tfjs63.fill)([depth], 1);
      }
      if (offset == null) {
        offset = (0, import_tfjs63.fill)([depth], 0);
      }
      return backend.executeMultipleOutputs(
        import_tfjs63.FusedBatchNorm,
        opAttrs,
        [x, scale, offset, mean, variance],
        numOutputs
      )[0];
    });
  }
};

// node_modules/@tensorflow/tfjs-node-gpu/src/kernels/FusedConv2D.ts
var import_tfjs64 = require("@tensorflow/tfjs-core");
var fusedConv2DConfig = {
  kernelName: import_tfjs64.FusedConv2D,
  backendName: "tensorflow",
  kernelFunc: (args) => {
    const { x, filter, bias, preluActivationWeights } = args.inputs;
    const backend = args.backend;
    const {
      strides,
      pad,
      dataFormat,
      dilations,
      dimRoundingMode,
      activation,
      leakyreluAlpha
    } = args.attrs;
    if (dataFormat !== "NHWC") {
      throw new Error(
        `Node backend FusedConv2D does not support dataFormat:'${dataFormat}'. Please use 'NHWC'.`
      );
    }
    const $dataFormat = import_tfjs64.backend_util.convertConv2DDataFormat(dataFormat);
    const convInfo = import_tfjs64.backend_util.computeConv2DInfo(
      x.shape,
      filter.shape,
      strides,
      dilations,
      pad,
      dimRoundingMode,
      false,
      $dataFormat
    );
    let result = conv2dImpl(x, filter, convInfo, backend);
    const toDispose = [];
    if (bias != null) {
      toDispose.push(result);
      result = (0, import_tfjs64.add)(result, bias);
    }
    const temp = result;
    result = backend.applyActivation(
      result,
      activation,
      preluActivationWeights,
      leakyreluAlpha
    );
    if (temp !== result) {
      toDispose.push(temp);
    }
    toDispose.forEach((t) => t.dispose());
    return result;
  }
};

// node_modules/@tensorflow/tfjs-node-gpu/src/kernels/FusedDepthwiseConv2D.ts
var import_tfjs65 = require("@tensorflow/tfjs-core");
var fusedDepthwiseConv2DConfig = {
  kernelName: import_tfjs65.FusedDepthwiseConv2D,
  backendName: "tensorflow",
  kernelFunc: (args) => {
    const { x, filter, bias, preluActivationWeights } = args.inputs;
    const backend = args.backend;
    const {
      strides,
      pad,
      dilations,
      dimRoundingMode,
      activation,
      leakyreluAlpha
    } = args.attrs;
    let $dilations = dilations;
    if ($dilations == null) {
      $dilations = [1, 1];
    }
    const convInfo = import_tfjs65.backend_util.computeConv2DInfo(
      x.shape,
      filter.shape,
      strides,
      $dilations,
      pad,
      dimRoundingMode,
      true
      /* depthwise */
    );
    let result = depthwiseConv2dNativeImpl(x, filter, convInfo, backend);
    const toDispose = [];
    if (bias != null) {
      toDispose.push(result);
      result = (0, import_tfjs65.add)(result, bias);
    }
    const temp = result;
    result = backend.applyActivation(
      result,
      activation,
      preluActivationWeights,
      leakyreluAlpha
    );
    if (temp !== result) {
      toDispose.push(temp);
    }
    toDispose.forEach((t) => t.dispose());
    return result;
  }
};

// node_modules/@tensorflow/tfjs-node-gpu/src/kernels/GatherNd.ts
var import_tfjs66 = require("@tensorflow/tfjs-core");
var gatherNdConfig = {
  kernelName: import_tfjs66.GatherNd,
  backendName: "tensorflow",
  kernelFunc: (args) => {
    const { params, indices } = args.inputs;
    const backend = args.backend;
    const opAttrs = [
      createTensorsTypeOpAttr("Tparams", params.dtype),
      createTensorsTypeOpAttr("Tindices", "int32")
    ];
    return backend.executeSingleOutput(import_tfjs66.GatherNd, opAttrs, [params, indices]);
  }
};

// node_modules/@tensorflow/tfjs-node-gpu/src/kernels/GatherV2.ts
var import_tfjs67 = require("@tensorflow/tfjs-core");
var gatherV2Config = {
  kernelName: import_tfjs67.GatherV2,
  backendName: "tensorflow",
  kernelFunc: (args) => {
    const { x, indices } = args.inputs;
    const backend = args.backend;
    const { axis, batchDims } = args.attrs;
    const indicesVals = backend.readSync(indices.dataId);
    const axisDim = x.shape[axis];
    for (let i = 0; i < indicesVals.length; ++i) {
      const index = indicesVals[i];
      import_tfjs67.util.assert(
        index <= axisDim - 1 && index >= 0,
        () => `GatherV2: the index value ${index} is not in [0, ${axisDim - 1}]`
      );
    }
    import_tfjs67.backend_util.segment_util.collectGatherOpShapeInfo(
      x,
      indices,
      axis,
      batchDims
    );
    const axisTensor = (0, import_tfjs67.scalar)(axis, "int32");
    const opAttrs = [
      { name: "batch_dims", type: backend.binding.TF_ATTR_INT, value: batchDims },
      createTensorsTypeOpAttr("Tparams", x.dtype),
      createTensorsTypeOpAttr("Tindices", indices.dtype),
      createTensorsTypeOpAttr("Taxis", "int32")
    ];
    const res = backend.executeSingleOutput(
      import_tfjs67.GatherV2,
      opAttrs,
      [x, indices, axisTensor]
    );
    axisTensor.dispose();
    return res;
  }
};

// node_modules/@tensorflow/tfjs-node-gpu/src/kernels/Greater.ts
var import_tfjs68 = require("@tensorflow/tfjs-core");
var greaterConfig = {
  kernelName: import_tfjs68.Greater,
  backendName: "tensorflow",
  kernelFunc: (args) => {
    const { a, b } = args.inputs;
    const backend = args.backend;
    const opAttrs = [createTensorsTypeOpAttr(
      "T",
      import_tfjs68.backend_util.upcastType(a.dtype, b.dtype)
    )];
    return backend.executeSingleOutput(import_tfjs68.Greater, opAttrs, [a, b]);
  }
};

// node_modules/@tensorflow/tfjs-node-gpu/src/kernels/GreaterEqual.ts
var import_tfjs69 = require("@tensorflow/tfjs-core");
var greaterEqualConfig = {
  kernelName: import_tfjs69.GreaterEqual,
  backendName: "tensorflow",
  kernelFunc: (args) => {
    const { a, b } = args.inputs;
    const backend = args.backend;
    const opAttrs = [createTensorsTypeOpAttr(
      "T",
      import_tfjs69.backend_util.upcastType(a.dtype, b.dtype)
    )];
    return backend.executeSingleOutput(import_tfjs69.GreaterEqual, opAttrs, [a, b]);
  }
};

// node_modules/@tensorflow/tfjs-node-gpu/src/kernels/Identity.ts
var import_tfjs70 = require("@tensorflow/tfjs-core");
var identityConfig = {
  kernelName: import_tfjs70.Identity,
  backendName: "tensorflow",
  kernelFunc: (args) => {
    const { x } = args.inputs;
    args.backend.incRef(x.dataId);
    return { dataId: x.dataId, shape: x.shape, dtype: x.dtype };
  }
};

// node_modules/@tensorflow/tfjs-node-gpu/src/kernels/IFFT.ts
var import_tfjs71 = require("@tensorflow/tfjs-core");
var IFFTConfig = {
  kernelName: import_tfjs71.IFFT,
  backendName: "tensorflow",
  kernelFunc: (args) => {
    const { input } = args.inputs;
    const backend = args.backend;
    const opAttrs = [createTensorsTypeOpAttr("Tcomplex", input.dtype)];
    return backend.executeSingleOutput(import_tfjs71.IFFT, opAttrs, [input]);
  }
};

// node_modules/@tensorflow/tfjs-node-gpu/src/kernels/Imag.ts
var import_tfjs72 = require("@tensorflow/tfjs-core");
var imagConfig = {
  kernelName: import_tfjs72.Imag,
  backendName: "tensorflow",
  kernelFunc: (args) => {
    const { input } = args.inputs;
    const backend = args.backend;
    const opAttrs = [
      {
        name: "T",
        type: backend.binding.TF_ATTR_TYPE,
        value: backend.binding.TF_COMPLEX64
      },
      {
        name: "Tout",
        type: backend.binding.TF_ATTR_TYPE,
        value: backend.binding.TF_FLOAT
      }
    ];
    const inputs = [input];
    return backend.executeSingleOutput(import_tfjs72.Imag, opAttrs, inputs);
  }
};

// node_modules/@tensorflow/tfjs-node-gpu/src/kernels/IsFinite.ts
var import_tfjs73 = require("@tensorflow/tfjs-core");
var isFiniteConfig = {
  kernelName: import_tfjs73.IsFinite,
  backendName: "tensorflow",
  kernelFunc: (args) => {
    const { x } = args.inputs;
    const backend = args.backend;
    return backend.executeSingleInput(import_tfjs73.IsFinite, x);
  }
};

// node_modules/@tensorflow/tfjs-node-gpu/src/kernels/IsInf.ts
var import_tfjs74 = require("@tensorflow/tfjs-core");
var isInfConfig = {
  kernelName: import_tfjs74.IsInf,
  backendName: "tensorflow",
  kernelFunc: (args) => {
    const { x } = args.inputs;
    const backend = args.backend;
    return backend.executeSingleInput(import_tfjs74.IsInf, x);
  }
};

// node_modules/@tensorflow/tfjs-node-gpu/src/kernels/IsNan.ts
var import_tfjs75 = require("@tensorflow/tfjs-core");
var isNanConfig = {
  kernelName: import_tfjs75.IsNan,
  backendName: "tensorflow",
  kernelFunc: (args) => {
    const { x } = args.inputs;
    const backend = args.backend;
    return backend.executeSingleInput(import_tfjs75.IsNan, x);
  }
};

// node_modules/@tensorflow/tfjs-node-gpu/src/kernels/LeakyRelu.ts
var import_tfjs76 = require("@tensorflow/tfjs-core");
var leakyReluConfig = {
  kernelName: import_tfjs76.LeakyRelu,
  backendName: "tensorflow",
  kernelFunc: (args) => {
    const inputs = args.inputs;
    const attrs = args.attrs;
    const backend = args.backend;
    const x = inputs.x;
    const alpha = attrs.alpha;
    const opAttrs = [
      { name: "alpha", type: backend.binding.TF_ATTR_FLOAT, value: alpha },
      createTensorsTypeOpAttr("T", x.dtype)
    ];
    return backend.executeSingleOutput(import_tfjs76.LeakyRelu, opAttrs, [x]);
  }
};

// node_modules/@tensorflow/tfjs-node-gpu/src/kernels/Less.ts
var import_tfjs77 = require("@tensorflow/tfjs-core");
var lessConfig = {
  kernelName: import_tfjs77.Less,
  backendName: "tensorflow",
  kernelFunc: (args) => {
    const { a, b } = args.inputs;
    const backend = args.backend;
    const opAttrs = [createTensorsTypeOpAttr(
      "T",
      import_tfjs77.backend_util.upcastType(a.dtype, b.dtype)
    )];
    return backend.executeSingleOutput(import_tfjs77.Less, opAttrs, [a, b]);
  }
};

// node_modules/@tensorflow/tfjs-node-gpu/src/kernels/LessEqual.ts
var import_tfjs78 = require("@tensorflow/tfjs-core");
var lessEqualConfig = {
  kernelName: import_tfjs78.LessEqual,
  backendName: "tensorflow",
  kernelFunc: (args) => {
    const { a, b } = args.inputs;
    const backend = args.backend;
    const opAttrs = [createTensorsTypeOpAttr(
      "T",
      import_tfjs78.backend_util.upcastType(a.dtype, b.dtype)
    )];
    return backend.executeSingleOutput(import_tfjs78.LessEqual, opAttrs, [a, b]);
  }
};

// node_modules/@tensorflow/tfjs-node-gpu/src/kernels/LinSpace.ts
var import_tfjs79 = require("@tensorflow/tfjs-core");
var linSpaceConfig = {
  kernelName: import_tfjs79.LinSpace,
  backendName: "tensorflow",
  kernelFunc: (args) => {
    const backend = args.backend;
    const { start, stop, num } = args.attrs;
    const opAttrs = [
      createTensorsTypeOpAttr("T", "float32"),
      createTensorsTypeOpAttr("Tidx", "int32")
    ];
    return (0, import_tfjs79.tidy)(() => {
      const inputs = [
        (0, import_tfjs79.scalar)(start, "float32"),
        (0, import_tfjs79.scalar)(stop, "float32"),
        (0, import_tfjs79.scalar)(num, "int32")
      ];
      return backend.executeSingleOutput(import_tfjs79.LinSpace, opAttrs, inputs);
    });
  }
};

// node_modules/@tensorflow/tfjs-node-gpu/src/kernels/Log.ts
var import_tfjs80 = require("@tensorflow/tfjs-core");
var logConfig = {
  kernelName: import_tfjs80.Log,
  backendName: "tensorflow",
  kernelFunc: (args) => {
    const { x } = args.inputs;
    const backend = args.backend;
    return backend.executeSingleInput(import_tfjs80.Log, x);
  }
};

// node_modules/@tensorflow/tfjs-node-gpu/src/kernels/Log1p.ts
var import_tfjs81 = require("@tensorflow/tfjs-core");
var log1pConfig = {
  kernelName: import_tfjs81.Log1p,
  backendName: "tensorflow",
  kernelFunc: (args) => {
    const { x } = args.inputs;
    const backend = args.backend;
    return backend.executeSingleInput(import_tfjs81.Log1p, x);
  }
};

// node_modules/@tensorflow/tfjs-node-gpu/src/kernels/LogicalAnd.ts
var import_tfjs82 = require("@tensorflow/tfjs-core");
var logicalAndConfig = {
  kernelName: import_tfjs82.LogicalAnd,
  backendName: "tensorflow",
  kernelFunc: (args) => {
    const { a, b } = args.inputs;
    const backend = args.backend;
    return backend.executeSingleOutput(import_tfjs82.LogicalAnd, [], [a, b]);
  }
};

// node_modules/@tensorflow/tfjs-node-gpu/src/kernels/LogicalNot.ts
var import_tfjs83 = require("@tensorflow/tfjs-core");
var logicalNotConfig = {
  kernelName: import_tfjs83.LogicalNot,
  backendName: "tensorflow",
  kernelFunc: (args) => {
    const { x } = args.inputs;
    const backend = args.backend;
    return backend.executeSingleOutput(import_tfjs83.LogicalNot, [], [x]);
  }
};

// node_modules/@tensorflow/tfjs-node-gpu/src/kernels/LogicalOr.ts
var import_tfjs84 = require("@tensorflow/tfjs-core");
var logicalOrConfig = {
  kernelName: import_tfjs84.LogicalOr,
  backendName: "tensorflow",
  kernelFunc: (args) => {
    const { a, b } = args.inputs;
    const backend = args.backend;
    return backend.executeSingleOutput(import_tfjs84.LogicalOr, [], [a, b]);
  }
};

// node_modules/@tensorflow/tfjs-node-gpu/src/kernels/LRN.ts
var import_tfjs85 = require("@tensorflow/tfjs-core");
var LRNConfig = {
  kernelName: import_tfjs85.LRN,
  backendName: "tensorflow",
  kernelFunc: (args) => {
    const { x } = args.inputs;
    const backend = args.backend;
    const { depthRadius, bias, alpha, beta } = args.attrs;
    const opAttrs = [
      createTensorsTypeOpAttr("T", x.dtype),
      {
        name: "depth_radius",
        type: backend.binding.TF_ATTR_INT,
        value: depthRadius
      },
      { name: "bias", type: backend.binding.TF_ATTR_FLOAT, value: bias },
      { name: "alpha", type: backend.binding.TF_ATTR_FLOAT, value: alpha },
      { name: "beta", type: backend.binding.TF_ATTR_FLOAT, value: beta }
    ];
    return backend.executeSingleOutput(import_tfjs85.LRN, opAttrs, [x]);
  }
};

// node_modules/@tensorflow/tfjs-node-gpu/src/kernels/LRNGrad.ts
var import_tfjs86 = require("@tensorflow/tfjs-core");
var LRNGradConfig = {
  kernelName: import_tfjs86.LRNGrad,
  backendName: "tensorflow",
  kernelFunc: (args) => {
    const { x, y, dy } = args.inputs;
    const backend = args.backend;
    const { depthRadius, bias, alpha, beta } = args.attrs;
    const opAttrs = [
      createTensorsTypeOpAttr("T", dy.dtype),
      {
        name: "depth_radius",
        type: backend.binding.TF_ATTR_INT,
        value: depthRadius
      },
      { name: "bias", type: backend.binding.TF_ATTR_FLOAT, value: bias },
      { name: "alpha", type: backend.binding.TF_ATTR_FLOAT, value: alpha },
      { name: "beta", type: backend.binding.TF_ATTR_FLOAT, value: beta }
    ];
    return backend.executeSingleOutput(import_tfjs86.LRNGrad, opAttrs, [dy, x, y]);
  }
};

// node_modules/@tensorflow/tfjs-node-gpu/src/kernels/Max.ts
var import_tfjs87 = require("@tensorflow/tfjs-core");
var maxConfig = {
  kernelName: import_tfjs87.Max,
  backendName: "tensorflow",
  kernelFunc: (args) => {
    const { x } = args.inputs;
    const backend = args.backend;
    const { reductionIndices, keepDims } = args.attrs;
    const axes = import_tfjs87.util.parseAxisParam(reductionIndices, x.shape);
    const axesTensor = (0, import_tfjs87.tensor1d)(axes, "int32");
    const res = backend.executeSingleOutput(
      import_tfjs87.Max,
      backend.createReductionOpAttrs(x, keepDims),
      [x, axesTensor]
    );
    axesTensor.dispose();
    return res;
  }
};

// node_modules/@tensorflow/tfjs-node-gpu/src/kernels/Maximum.ts
var import_tfjs88 = require("@tensorflow/tfjs-core");
var maximumConfig = {
  kernelName: import_tfjs88.Maximum,
  backendName: "tensorflow",
  kernelFunc: (args) => {
    const { a, b } = args.inputs;
    const backend = args.backend;
    const opAttrs = [createTensorsTypeOpAttr(
      "T",
      import_tfjs88.backend_util.upcastType(a.dtype, b.dtype)
    )];
    return backend.executeSingleOutput(import_tfjs88.Maximum, opAttrs, [a, b]);
  }
};

// node_modules/@tensorflow/tfjs-node-gpu/src/kernels/MaxPool.ts
var import_tfjs89 = require("@tensorflow/tfjs-core");
var maxPoolConfig = {
  kernelName: import_tfjs89.MaxPool,
  backendName: "tensorflow",
  kernelFunc: (args) => {
    const { x } = args.inputs;
    const backend = args.backend;
    const { filterSize, strides, pad, dimRoundingMode } = args.attrs;
    const convInfo = import_tfjs89.backend_util.computePool2DInfo(
      x.shape,
      filterSize,
      strides,
      1,
      pad,
      dimRoundingMode
    );
    if (convInfo.padInfo.type !== "VALID" && convInfo.padInfo.type !== "SAME") {
      throw new Error(
        `TF Backend supports only 'valid' and 'same' padding while padding was ${convInfo.padInfo.type}`
      );
    }
    const ksize = [1, convInfo.filterHeight, convInfo.filterWidth, 1];
    const $strides = [1, convInfo.strideHeight, convInfo.strideWidth, 1];
    const padding = convInfo.padInfo.type;
    const dataFormat = convInfo.dataFormat === "channelsLast" ? "NHWC" : "NCHW";
    const opAttrs = [
      createTensorsTypeOpAttr("T", x.dtype),
      { name: "ksize", type: backend.binding.TF_ATTR_INT, value: ksize },
      { name: "strides", type: backend.binding.TF_ATTR_INT, value: $strides },
      { name: "padding", type: backend.binding.TF_ATTR_STRING, value: padding },
      {
        name: "data_format",
        type: backend.binding.TF_ATTR_STRING,
        value: dataFormat
      }
    ];
    return backend.executeSingleOutput(import_tfjs89.MaxPool, opAttrs, [x]);
  }
};

// node_modules/@tensorflow/tfjs-node-gpu/src/kernels/MaxPool3D.ts
var import_tfjs90 = require("@tensorflow/tfjs-core");
var maxPool3DConfig = {
  kernelName: import_tfjs90.MaxPool3D,
  backendName: "tensorflow",
  kernelFunc: (args) => {
    const { x } = args.inputs;
    const backend = args.backend;
    const { filterSize, strides, pad, dataFormat, dimRoundingMode } = args.attrs;
    const convInfo = import_tfjs90.backend_util.computePool3DInfo(
      x.shape,
      filterSize,
      strides,
      1,
      pad,
      dimRoundingMode,
      dataFormat
    );
    if (convInfo.padInfo.type !== "VALID" && convInfo.padInfo.type !== "SAME") {
      throw new Error(
        `TF Backend supports only 'valid' and 'same' padding while padding was ${convInfo.padInfo.type}`
      );
    }
    const ksize = [
      1,
      convInfo.filterDepth,
      convInfo.filterHeight,
      convInfo.filterWidth,
      1
    ];
    const $strides = [
      1,
      convInfo.strideDepth,
      convInfo.strideHeight,
      convInfo.strideWidth,
      1
    ];
    const padding = convInfo.padInfo.type;
    const $dataFormat = convInfo.dataFormat === "channelsLast" ? "NDHWC" : "NCDHW";
    const opAttrs = [
      createTensorsTypeOpAttr("T", x.dtype),
      { name: "ksize", type: backend.binding.TF_ATTR_INT, value: ksize },
      { name: "strides", type: backend.binding.TF_ATTR_INT, value: $strides },
      { name: "padding", type: backend.binding.TF_ATTR_STRING, value: padding },
      {
        name: "data_format",
        type: backend.binding.TF_ATTR_STRING,
        value: $dataFormat
      }
    ];
    return backend.executeSingleOutput(import_tfjs90.MaxPool3D, opAttrs, [x]);
  }
};

// node_modules/@tensorflow/tfjs-node-gpu/src/kernels/MaxPool3DGrad.ts
var import_tfjs91 = require("@tensorflow/tfjs-core");
var maxPool3DGradConfig = {
  kernelName: import_tfjs91.MaxPool3DGrad,
  backendName: "tensorflow",
  kernelFunc: (args) => {
    const { dy, input, output } = args.inputs;
    const backend = args.backend;
    const { filterSize, strides, pad, dimRoundingMode } = args.attrs;
    const convInfo = import_tfjs91.backend_util.computePool3DInfo(
      input.shape,
      filterSize,
      strides,
      1,
      pad,
      dimRoundingMode
    );
    if (convInfo.padInfo.type !== "VALID" && convInfo.padInfo.type !== "SAME") {
      throw new Error(
        `TF Backend supports only 'valid' and 'same' padding while padding type was ${convInfo.padInfo.type}`
      );
    }
    const ksize = [
      1,
      convInfo.filterDepth,
      convInfo.filterHeight,
      convInfo.filterWidth,
      1
    ];
    const $strides = [
      1,
      convInfo.strideDepth,
      convInfo.strideHeight,
      convInfo.strideWidth,
      1
    ];
    const padding = convInfo.padInfo.type;
    const dataFormat = convInfo.dataFormat === "channelsLast" ? "NDHWC" : "NCDHW";
    const opAttrs = [
      createTensorsTypeOpAttr("T", input.dtype),
      { name: "ksize", type: backend.binding.TF_ATTR_INT, value: ksize },
      { name: "strides", type: backend.binding.TF_ATTR_INT, value: $strides },
      { name: "padding", type: backend.binding.TF_ATTR_STRING, value: padding },
      {
        name: "data_format",
        type: backend.binding.TF_ATTR_STRING,
        value: dataFormat
      }
    ];
    return backend.executeSingleOutput(
      import_tfjs91.MaxPool3DGrad,
      opAttrs,
      [input, output, dy]
    );
  }
};

// node_modules/@tensorflow/tfjs-node-gpu/src/kernels/MaxPoolGrad.ts
var import_tfjs92 = require("@tensorflow/tfjs-core");
var maxPoolGradConfig = {
  kernelName: import_tfjs92.MaxPoolGrad,
  backendName: "tensorflow",
  kernelFunc: (args) => {
    const { dy, input, output } = args.inputs;
    const backend = args.backend;
    const { filterSize, strides, pad, dimRoundingMode } = args.attrs;
    const convInfo = import_tfjs92.backend_util.computePool2DInfo(
      input.shape,
      filterSize,
      strides,
      1,
      pad,
      dimRoundingMode
    );
    if (convInfo.padInfo.type !== "VALID" && convInfo.padInfo.type !== "SAME") {
      throw new Error(
        `TF Backend supports only 'valid' and 'same' padding while padding type was ${convInfo.padInfo.type}`
      );
    }
    const ksize = [1, convInfo.filterHeight, convInfo.filterWidth, 1];
    const $strides = [1, convInfo.strideHeight, convInfo.strideWidth, 1];
    const padding = convInfo.padInfo.type;
    const dataFormat = convInfo.dataFormat === "channelsLast" ? "NHWC" : "NCHW";
    const opAttrs = [
      createTensorsTypeOpAttr("T", input.dtype),
      { name: "ksize", type: backend.binding.TF_ATTR_INT, value: ksize },
      { name: "strides", type: backend.binding.TF_ATTR_INT, value: $strides },
      { name: "padding", type: backend.binding.TF_ATTR_STRING, value: padding },
      {
        name: "data_format",
        type: backend.binding.TF_ATTR_STRING,
        value: dataFormat
      }
    ];
    return backend.executeSingleOutput(
      import_tfjs92.MaxPoolGrad,
      opAttrs,
      [input, output, dy]
    );
  }
};

// node_modules/@tensorflow/tfjs-node-gpu/src/kernels/Mean.ts
var import_tfjs93 = require("@tensorflow/tfjs-core");
var meanConfig = {
  kernelName: import_tfjs93.Mean,
  backendName: "tensorflow",
  kernelFunc: (args) => {
    const { x } = args.inputs;
    const backend = args.backend;
    const { axis, keepDims } = args.attrs;
    const axes = import_tfjs93.util.parseAxisParam(axis, x.shape);
    const axesTensor = (0, import_tfjs93.tensor1d)(axes, "int32");
    const asFloat32 = (0, import_tfjs93.cast)(x, "float32");
    const res = backend.executeSingleOutput(
      import_tfjs93.Mean,
      backend.createReductionOpAttrs(x, keepDims),
      [asFloat32, axesTensor]
    );
    asFloat32.dispose();
    axesTensor.dispose();
    return res;
  }
};

// node_modules/@tensorflow/tfjs-node-gpu/src/kernels/Min.ts
var import_tfjs94 = require("@tensorflow/tfjs-core");
var minConfig = {
  kernelName: import_tfjs94.Min,
  backendName: "tensorflow",
  kernelFunc: (args) => {
    const { x } = args.inputs;
    const backend = args.backend;
    const { axis, keepDims } = args.attrs;
    const axes = import_tfjs94.util.parseAxisParam(axis, x.shape);
    const axesTensor = (0, import_tfjs94.tensor1d)(axes, "int32");
    const res = backend.executeSingleOutput(
      import_tfjs94.Min,
      backend.createReductionOpAttrs(x, keepDims),
      [x, axesTensor]
    );
    axesTensor.dispose();
    return res;
  }
};

// node_modules/@tensorflow/tfjs-node-gpu/src/kernels/Minimum.ts
var import_tfjs95 = require("@tensorflow/tfjs-core");
var minimumConfig = {
  kernelName: import_tfjs95.Minimum,
  backendName: "tensorflow",
  kernelFunc: (args) => {
    const { a, b } = args.inputs;
    const backend = args.backend;
    const opAttrs = [createTensorsTypeOpAttr(
      "T",
      import_tfjs95.backend_util.upcastType(a.dtype, b.dtype)
    )];
    return backend.executeSingleOutput(import_tfjs95.Minimum, opAttrs, [a, b]);
  }
};

// node_modules/@tensorflow/tfjs-node-gpu/src/kernels/MirrorPad.ts
var import_tfjs96 = require("@tensorflow/tfjs-core");
var mirrorPadConfig = {
  kernelName: import_tfjs96.MirrorPad,
  backendName: "tensorflow",
  kernelFunc: ({ inputs, backend, attrs }) => {
    const { x } = inputs;
    const { paddings, mode } = attrs;
    const nodeBackend2 = backend;
    const paddingsTensor = (0, import_tfjs96.tensor2d)(paddings, [paddings.length, 2], "int32");
    const opAttrs = [
      createTensorsTypeOpAttr("T", x.dtype),
      createTensorsTypeOpAttr("Tpaddings", paddingsTensor.dtype),
      {
        name: "mode",
        type: nodeBackend2.binding.TF_ATTR_STRING,
        value: mode.toUpperCase()
      }
    ];
    const output = nodeBackend2.executeSingleOutput(
      "MirrorPad",
      opAttrs,
      [x, paddingsTensor]
    );
    paddingsTensor.dispose();
    return output;
  }
};

// node_modules/@tensorflow/tfjs-node-gpu/src/kernels/Mod.ts
var import_tfjs97 = require("@tensorflow/tfjs-core");
var modConfig = {
  kernelName: import_tfjs97.Mod,
  backendName: "tensorflow",
  kernelFunc: (args) => {
    const { a, b } = args.inputs;
    const backend = args.backend;
    const opAttrs = [createTensorsTypeOpAttr("T", a.dtype)];
    return backend.executeSingleOutput("FloorMod", opAttrs, [a, b]);
  }
};

// node_modules/@tensorflow/tfjs-node-gpu/src/kernels/Multinomial.ts
var import_tfjs98 = require("@tensorflow/tfjs-core");
var multinomialConfig = {
  kernelName: import_tfjs98.Multinomial,
  backendName: "tensorflow",
  kernelFunc: (args) => {
    const { logits } = args.inputs;
    const backend = args.backend;
    const { numSamples, seed, normalized } = args.attrs;
    if (normalized) {
      throw new Error(
        "TF Node backend does not support normalized logits passed to multinomial"
      );
    }
    const opAttrs = [
      createTensorsTypeOpAttr("T", logits.dtype),
      createTensorsTypeOpAttr("output_dtype", "int32"),
      { name: "seed", type: backend.binding.TF_ATTR_INT, value: seed },
      { name: "seed2", type: backend.binding.TF_ATTR_INT, value: seed * seed }
    ];
    const numSamplesTensor = (0, import_tfjs98.scalar)(numSamples, "int32");
    const res = backend.executeSingleOutput(
      import_tfjs98.Multinomial,
      opAttrs,
      [logits, numSamplesTensor]
    );
    numSamplesTensor.dispose();
    return res;
  }
};

// node_modules/@tensorflow/tfjs-node-gpu/src/kernels/Multiply.ts
var import_tfjs99 = require("@tensorflow/tfjs-core");
var multiplyConfig = {
  kernelName: import_tfjs99.Multiply,
  backendName: "tensorflow",
  kernelFunc: (args) => {
    const { a, b } = args.inputs;
    const backend = args.backend;
    const opAttrs = [createTensorsTypeOpAttr(
      "T",
      import_tfjs99.backend_util.upcastType(a.dtype, b.dtype)
    )];
    return backend.executeSingleOutput("Mul", opAttrs, [a, b]);
  }
};

// node_modules/@tensorflow/tfjs-node-gpu/src/kernels/Neg.ts
var import_tfjs100 = require("@tensorflow/tfjs-core");
var negConfig = {
  kernelName: import_tfjs100.Neg,
  backendName: "tensorflow",
  kernelFunc: (args) => {
    const { x } = args.inputs;
    const backend = args.backend;
    return backend.executeSingleInput(import_tfjs100.Neg, x);
  }
};

// node_modules/@tensorflow/tfjs-node-gpu/src/kernels/NonMaxSuppressionV3.ts
var import_tfjs101 = require("@tensorflow/tfjs-core");
var nonMaxSuppressionV3Config = {
  kernelName: import_tfjs101.NonMaxSuppressionV3,
  backendName: "tensorflow",
  kernelFunc: (args) => {
    const { boxes, scores } = args.inputs;
    const backend = args.backend;
    const { maxOutputSize, iouThreshold, scoreThreshold } = args.attrs;
    const opAttrs = [createTensorsTypeOpAttr("T", boxes.dtype)];
    const maxOutputSizeTensor = (0, import_tfjs101.scalar)(maxOutputSize, "int32");
    const iouThresholdTensor = (0, import_tfjs101.scalar)(iouThreshold);
    const scoreThresholdTensor = (0, import_tfjs101.scalar)(scoreThreshold);
    const res = backend.executeSingleOutput(import_tfjs101.NonMaxSuppressionV3, opAttrs, [
      boxes,
      scores,
      maxOutputSizeTensor,
      iouThresholdTensor,
      scoreThresholdTensor
    ]);
    maxOutputSizeTensor.dispose();
    iouThresholdTensor.dispose();
    scoreThresholdTensor.dispose();
    return res;
  }
};

// node_modules/@tensorflow/tfjs-node-gpu/src/kernels/NonMaxSuppressionV4.ts
var import_tfjs102 = require("@tensorflow/tfjs-core");
var nonMaxSuppressionV4Config = {
  kernelName: import_tfjs102.NonMaxSuppressionV4,
  backendName: "tensorflow",
  kernelFunc: ({ inputs, backend, attrs }) => {
    const { boxes, scores } = inputs;
    const { maxOutputSize, iouThreshold, scoreThreshold, padToMaxOutputSize } = attrs;
    const maxOutputSizeTensor = (0, import_tfjs102.scalar)(maxOutputSize, "int32");
    const iouThresholdTensor = (0, import_tfjs102.scalar)(iouThreshold, "float32");
    const scoreThresholdTensor = (0, import_tfjs102.scalar)(scoreThreshold, "float32");
    const nodeBackend2 = backend;
    const opAttrs = [
      createTensorsTypeOpAttr("T", boxes.dtype),
      createTensorsTypeOpAttr("T_threshold", "float32"),
      {
        name: "pad_to_max_output_size",
        type: nodeBackend2.binding.TF_ATTR_BOOL,
        value: padToMaxOutputSize
      }
    ];
    const [selectedIndices, validOutputs] = nodeBackend2.executeMultipleOutputs(
      "NonMaxSuppressionV4",
      opAttrs,
      [
        boxes,
        scores,
        maxOutputSizeTensor,
        iouThresholdTensor,
        scoreThresholdTensor
      ],
      2
    );
    maxOutputSizeTensor.dispose();
    iouThresholdTensor.dispose();
    scoreThresholdTensor.dispose();
    return [selectedIndices, validOutputs];
  }
};

// node_modules/@tensorflow/tfjs-node-gpu/src/kernels/NonMaxSuppressionV5.ts
var import_tfjs103 = require("@tensorflow/tfjs-core");
var nonMaxSuppressionV5Config = {
  kernelName: "NonMaxSuppressionV5",
  backendName: "tensorflow",
  kernelFunc: ({ inputs, backend, attrs }) => {
    const { boxes, scores } = inputs;
    const { maxOutputSize, iouThreshold, scoreThreshold, softNmsSigma } = attrs;
    const maxOutputSizeTensor = (0, import_tfjs103.scalar)(maxOutputSize, "int32");
    const iouThresholdTensor = (0, import_tfjs103.scalar)(iouThreshold);
    const scoreThresholdTensor = (0, import_tfjs103.scalar)(scoreThreshold);
    const softNmsSigmaTensor = (0, import_tfjs103.scalar)(softNmsSigma);
    const opAttrs = [createTensorsTypeOpAttr("T", boxes.dtype)];
    const nodeBackend2 = backend;
    const [selectedIndices, selectedScores, validOutputs] = nodeBackend2.executeMultipleOutputs(
      "NonMaxSuppressionV5",
      opAttrs,
      [
        boxes,
        scores,
        maxOutputSizeTensor,
        iouThresholdTensor,
        scoreThresholdTensor,
        softNmsSigmaTensor
      ],
      3
    );
    maxOutputSizeTensor.dispose();
    iouThresholdTensor.dispose();
    scoreThresholdTensor.dispose();
    softNmsSigmaTensor.dispose();
    validOutputs.dispose();
    return [selectedIndices, selectedScores];
  }
};

// node_modules/@tensorflow/tfjs-node-gpu/src/kernels/NotEqual.ts
var import_tfjs104 = require("@tensorflow/tfjs-core");
var notEqualConfig = {
  kernelName: import_tfjs104.NotEqual,
  backendName: "tensorflow",
  kernelFunc: (args) => {
    const { a, b } = args.inputs;
    const backend = args.backend;
    const opAttrs = [createTensorsTypeOpAttr(
      "T",
      import_tfjs104.backend_util.upcastType(a.dtype, b.dtype)
    )];
    return backend.executeSingleOutput(import_tfjs104.NotEqual, opAttrs, [a, b]);
  }
};

// node_modules/@tensorflow/tfjs-node-gpu/src/kernels/OneHot.ts
var import_tfjs105 = require("@tensorflow/tfjs-core");
var oneHotConfig = {
  kernelName: import_tfjs105.OneHot,
  backendName: "tensorflow",
  kernelFunc: (args) => {
    const { indices } = args.inputs;
    const backend = args.backend;
    const { dtype, depth, onValue, offValue } = args.attrs;
    const depthTensor = (0, import_tfjs105.scalar)(depth, "int32");
    const onValueTensor = (0, import_tfjs105.scalar)(onValue, dtype);
    const offValueTensor = (0, import_tfjs105.scalar)(offValue, dtype);
    const opAttrs = [
      { name: "axis", type: backend.binding.TF_ATTR_INT, value: -1 },
      createTensorsTypeOpAttr("T", dtype),
      createTensorsTypeOpAttr("TI", indices.dtype)
    ];
    const res = backend.executeSingleOutput(
      import_tfjs105.OneHot,
      opAttrs,
      [indices, depthTensor, onValueTensor, offValueTensor]
    );
    depthTensor.dispose();
    onValueTensor.dispose();
    offValueTensor.dispose();
    return res;
  }
};

// node_modules/@tensorflow/tfjs-node-gpu/src/kernels/OnesLike.ts
var import_tfjs106 = require("@tensorflow/tfjs-core");
var onesLikeConfig = {
  kernelName: import_tfjs106.OnesLike,
  backendName: "tensorflow",
  kernelFunc: (args) => {
    const { x } = args.inputs;
    const backend = args.backend;
    const opAttrs = [{
      name: "T",
      type: backend.binding.TF_ATTR_TYPE,
      value: backend.getDTypeInteger(x.dtype)
    }];
    return backend.executeSingleOutput(import_tfjs106.OnesLike, opAttrs, [x]);
  }
};

// node_modules/@tensorflow/tfjs-node-gpu/src/kernels/Pack.ts
var import_tfjs107 = require("@tensorflow/tfjs-core");
function pack(args) {
  const { inputs, backend, attrs } = args;
  const { axis } = attrs;
  const opAttrs = [
    { name: "N", type: backend.binding.TF_ATTR_INT, value: inputs.length },
    createTensorsTypeOpAttr("T", inputs),
    { name: "axis", type: backend.binding.TF_ATTR_INT, value: axis }
  ];
  const res = backend.executeSingleOutput(import_tfjs107.Pack, opAttrs, inputs);
  return res;
}
var packConfig = {
  kernelName: import_tfjs107.Pack,
  backendName: "tensorflow",
  kernelFunc: pack
};

// node_modules/@tensorflow/tfjs-node-gpu/src/kernels/PadV2.ts
var import_tfjs108 = require("@tensorflow/tfjs-core");
var padV2Config = {
  kernelName: import_tfjs108.PadV2,
  backendName: "tensorflow",
  kernelFunc: (args) => {
    const { x } = args.inputs;
    const backend = args.backend;
    const { paddings, constantValue } = args.attrs;
    const paddingsTensor = (0, import_tfjs108.tensor2d)(paddings, [paddings.length, 2], "int32");
    const constantTensor = (0, import_tfjs108.scalar)(constantValue, x.dtype);
    const opAttrs = [
      createTensorsTypeOpAttr("T", x.dtype),
      createTensorsTypeOpAttr("Tpaddings", paddingsTensor.dtype)
    ];
    const res = backend.executeSingleOutput(
      import_tfjs108.PadV2,
      opAttrs,
      [x, paddingsTensor, constantTensor]
    );
    paddingsTensor.dispose();
    constantTensor.dispose();
    return res;
  }
};

// node_modules/@tensorflow/tfjs-node-gpu/src/kernels/Pow.ts
var import_tfjs109 = require("@tensorflow/tfjs-core");
var powConfig = {
  kernelName: import_tfjs109.Pow,
  backendName: "tensorflow",
  kernelFunc: (args) => {
    const { a, b } = args.inputs;
    const backend = args.backend;
    const dtype = import_tfjs109.backend_util.upcastType(a.dtype, b.dtype);
    const opAttrs = [createTensorsTypeOpAttr("T", dtype)];
    return (0, import_tfjs109.tidy)(() => {
      return backend.executeSingleOutput(
        import_tfjs109.Pow,
        opAttrs,
        [(0, import_tfjs109.cast)(a, dtype), (0, import_tfjs109.cast)(b, dtype)]
      );
    });
  }
};

// node_modules/@tensorflow/tfjs-node-gpu/src/kernels/Prelu.ts
var import_tfjs110 = require("@tensorflow/tfjs-core");
var preluConfig = {
  kernelName: import_tfjs110.Prelu,
  backendName: "tensorflow",
  kernelFunc: (args) => {
    const inputs = args.inputs;
    const x = inputs.x;
    const alpha = inputs.alpha;
    return (0, import_tfjs110.tidy)(() => {
      const pos = (0, import_tfjs110.relu)(x);
      const neg = alpha.mul(x.sub((0, import_tfjs110.abs)(x))).mul(0.5);
      return pos.add(neg);
    });
  }
};

// node_modules/@tensorflow/tfjs-node-gpu/src/kernels/Prod.ts
var import_tfjs111 = require("@tensorflow/tfjs-core");
var prodConfig = {
  kernelName: import_tfjs111.Prod,
  backendName: "tensorflow",
  kernelFunc: (args) => {
    const { x } = args.inputs;
    const backend = args.backend;
    const { axis, keepDims } = args.attrs;
    const axes = import_tfjs111.util.parseAxisParam(axis, x.shape);
    const axesTensor = (0, import_tfjs111.tensor1d)(axes, "int32");
    const opAttrs = [
      { name: "keep_dims", type: backend.binding.TF_ATTR_BOOL, value: keepDims },
      createTensorsTypeOpAttr("T", x.dtype),
      createTensorsTypeOpAttr("Tidx", "int32")
    ];
    const res = backend.executeSingleOutput(import_tfjs111.Prod, opAttrs, [x, axesTensor]);
    axesTensor.dispose();
    return res;
  }
};

// node_modules/@tensorflow/tfjs-node-gpu/src/kernels/Range.ts
var import_tfjs112 = require("@tensorflow/tfjs-core");
var rangeConfig = {
  kernelName: import_tfjs112.Range,
  backendName: "tensorflow",
  kernelFunc: (args) => {
    const backend = args.backend;
    const { start, stop, dtype } = args.attrs;
    let { step } = args.attrs;
    const sameStartStop = start === stop;
    const increasingRangeNegativeStep = start < stop && step < 0;
    const decreasingRangePositiveStep = stop < start && step > 1;
    if (sameStartStop || increasingRangeNegativeStep || decreasingRangePositiveStep) {
      return (0, import_tfjs112.zeros)([0], dtype);
    }
    if (stop < start && step === 1) {
      step = -1;
    }
    const opAttrs = [createTensorsTypeOpAttr("Tidx", dtype)];
    const startTensor = (0, import_tfjs112.scalar)(start, dtype);
    const stopTensor = (0, import_tfjs112.scalar)(stop, dtype);
    const stepTensor = (0, import_tfjs112.scalar)(step, dtype);
    const res = backend.executeSingleOutput(
      import_tfjs112.Range,
      opAttrs,
      [startTensor, stopTensor, stepTensor]
    );
    startTensor.dispose();
    stopTensor.dispose();
    stepTensor.dispose();
    return res;
  }
};

// node_modules/@tensorflow/tfjs-node-gpu/src/kernels/Real.ts
var import_tfjs113 = require("@tensorflow/tfjs-core");
var realConfig = {
  kernelName: import_tfjs113.Real,
  backendName: "tensorflow",
  kernelFunc: (args) => {
    const { input } = args.inputs;
    const backend = args.backend;
    const opAttrs = [
      createTensorsTypeOpAttr("T", input),
      {
        name: "Tout",
        type: backend.binding.TF_ATTR_TYPE,
        value: backend.binding.TF_FLOAT
      }
    ];
    const inputs = [input];
    return backend.executeSingleOutput(import_tfjs113.Real, opAttrs, inputs);
  }
};

// node_modules/@tensorflow/tfjs-node-gpu/src/kernels/RealDiv.ts
var import_tfjs114 = require("@tensorflow/tfjs-core");
var realDivConfig = {
  kernelName: import_tfjs114.RealDiv,
  backendName: "tensorflow",
  kernelFunc: (args) => {
    const { a, b } = args.inputs;
    const backend = args.backend;
    const opAttrs = [createTensorsTypeOpAttr(
      "T",
      import_tfjs114.backend_util.upcastType(a.dtype, b.dtype)
    )];
    return backend.executeSingleOutput(import_tfjs114.RealDiv, opAttrs, [a, b]);
  }
};

// node_modules/@tensorflow/tfjs-node-gpu/src/kernels/Reciprocal.ts
var import_tfjs115 = require("@tensorflow/tfjs-core");
var reciprocalConfig = {
  kernelName: import_tfjs115.Reciprocal,
  backendName: "tensorflow",
  kernelFunc: (args) => {
    const { x } = args.inputs;
    const backend = args.backend;
    return backend.executeSingleInput(import_tfjs115.Reciprocal, x);
  }
};

// node_modules/@tensorflow/tfjs-node-gpu/src/kernels/Relu.ts
var import_tfjs116 = require("@tensorflow/tfjs-core");
var reluConfig = {
  kernelName: import_tfjs116.Relu,
  backendName: "tensorflow",
  kernelFunc: (args) => {
    const { x } = args.inputs;
    const backend = args.backend;
    return backend.executeSingleInput(import_tfjs116.Relu, x);
  }
};

// node_modules/@tensorflow/tfjs-node-gpu/src/kernels/Relu6.ts
var import_tfjs117 = require("@tensorflow/tfjs-core");
var relu6Config = {
  kernelName: import_tfjs117.Relu6,
  backendName: "tensorflow",
  kernelFunc: (args) => {
    const { x } = args.inputs;
    const backend = args.backend;
    return backend.executeSingleInput(import_tfjs117.Relu6, x);
  }
};

// node_modules/@tensorflow/tfjs-node-gpu/src/kernels/Reshape.ts
var import_tfjs118 = require("@tensorflow/tfjs-core");
var reshapeConfig = {
  kernelName: import_tfjs118.Reshape,
  backendName: "tensorflow",
  kernelFunc: (args) => {
    const { x } = args.inputs;
    const backend = args.backend;
    const { shape } = args.attrs;
    const shapeTensor = (0, import_tfjs118.tensor1d)(shape, "int32");
    const opAttrs = [
      createTensorsTypeOpAttr("T", x.dtype),
      createTensorsTypeOpAttr("Tshape", shapeTensor.dtype)
    ];
    const res = backend.executeSingleOutput(import_tfjs118.Reshape, opAttrs, [x, shapeTensor]);
    shapeTensor.dispose();
    return res;
  }
};

// node_modules/@tensorflow/tfjs-node-gpu/src/kernels/ResizeBilinear.ts
var import_tfjs119 = require("@tensorflow/tfjs-core");
var resizeBilinearConfig = {
  kernelName: import_tfjs119.ResizeBilinear,
  backendName: "tensorflow",
  kernelFunc: (args) => {
    const { images } = args.inputs;
    const backend = args.backend;
    const { alignCorners, halfPixelCenters, size } = args.attrs;
    const opAttrs = [
      createTensorsTypeOpAttr("T", images.dtype),
      {
        name: "align_corners",
        type: backend.binding.TF_ATTR_BOOL,
        value: alignCorners
      },
      {
        name: "half_pixel_centers",
        type: backend.binding.TF_ATTR_BOOL,
        value: halfPixelCenters
      }
    ];
    const [newHeight, newWidth] = size;
    const sizeTensor = (0, import_tfjs119.tensor1d)([newHeight, newWidth], "int32");
    const ret = backend.executeSingleOutput(
      import_tfjs119.ResizeBilinear,
      opAttrs,
      [images, sizeTensor]
    );
    sizeTensor.dispose();
    return ret;
  }
};

// node_modules/@tensorflow/tfjs-node-gpu/src/kernels/ResizeBilinearGrad.ts
var import_tfjs120 = require("@tensorflow/tfjs-core");
var resizeBilinearGradConfig = {
  kernelName: import_tfjs120.ResizeBilinearGrad,
  backendName: "tensorflow",
  kernelFunc: (args) => {
    const { images, dy } = args.inputs;
    const backend = args.backend;
    const { alignCorners } = args.attrs;
    const opAttrs = [
      createTensorsTypeOpAttr("T", images.dtype),
      {
        name: "align_corners",
        type: backend.binding.TF_ATTR_BOOL,
        value: alignCorners
      }
    ];
    return backend.executeSingleOutput(
      import_tfjs120.ResizeBilinearGrad,
      opAttrs,
      [dy, images]
    );
  }
};

// node_modules/@tensorflow/tfjs-node-gpu/src/kernels/ResizeNearestNeighbor.ts
var import_tfjs121 = require("@tensorflow/tfjs-core");
var resizeNearestNeighborConfig = {
  kernelName: import_tfjs121.ResizeNearestNeighbor,
  backendName: "tensorflow",
  kernelFunc: (args) => {
    const { images } = args.inputs;
    const backend = args.backend;
    const { alignCorners, halfPixelCenters, size } = args.attrs;
    const opAttrs = [
      createTensorsTypeOpAttr("T", images.dtype),
      {
        name: "align_corners",
        type: backend.binding.TF_ATTR_BOOL,
        value: alignCorners
      },
      {
        name: "half_pixel_centers",
        type: backend.binding.TF_ATTR_BOOL,
        value: halfPixelCenters
      }
    ];
    const [newHeight, newWidth] = size;
    const sizeTensor = (0, import_tfjs121.tensor1d)([newHeight, newWidth], "int32");
    const res = backend.executeSingleOutput(
      import_tfjs121.ResizeNearestNeighbor,
      opAttrs,
      [images, sizeTensor]
    );
    sizeTensor.dispose();
    return res;
  }
};

// node_modules/@tensorflow/tfjs-node-gpu/src/kernels/ResizeNearestNeighborGrad.ts
var import_tfjs122 = require("@tensorflow/tfjs-core");
var resizeNearestNeighborGradConfig = {
  kernelName: import_tfjs122.ResizeNearestNeighborGrad,
  backendName: "tensorflow",
  kernelFunc: (args) => {
    const { images, dy } = args.inputs;
    const backend = args.backend;
    const { alignCorners } = args.attrs;
    const opAttrs = [
      createTensorsTypeOpAttr("T", images.dtype),
      {
        name: "align_corners",
        type: backend.binding.TF_ATTR_BOOL,
        value: alignCorners
      }
    ];
    const [, origHeight, origWidth] = images.shape;
    const sizeTensor = (0, import_tfjs122.tensor1d)([origHeight, origWidth], "int32");
    const res = backend.executeSingleOutput(
      import_tfjs122.ResizeNearestNeighborGrad,
      opAttrs,
      [dy, sizeTensor]
    );
    sizeTensor.dispose();
    return res;
  }
};

// node_modules/@tensorflow/tfjs-node-gpu/src/kernels/Reverse.ts
var import_tfjs123 = require("@tensorflow/tfjs-core");
var reverseConfig = {
  kernelName: import_tfjs123.Reverse,
  backendName: "tensorflow",
  kernelFunc: (args) => {
    const { x } = args.inputs;
    const backend = args.backend;
    const { dims } = args.attrs;
    const opAttrs = [
      createTensorsTypeOpAttr("Tidx", "int32"),
      createTensorsTypeOpAttr("T", x.dtype)
    ];
    const axes = import_tfjs123.util.parseAxisParam(dims, x.shape);
    const axisTensor = (0, import_tfjs123.tensor1d)(axes, "int32");
    const res = backend.executeSingleOutput("ReverseV2", opAttrs, [x, axisTensor]);
    axisTensor.dispose();
    return res;
  }
};

// node_modules/@tensorflow/tfjs-node-gpu/src/kernels/Round.ts
var import_tfjs124 = require("@tensorflow/tfjs-core");
var roundConfig = {
  kernelName: import_tfjs124.Round,
  backendName: "tensorflow",
  kernelFunc: (args) => {
    const { x } = args.inputs;
    const backend = args.backend;
    return backend.executeSingleInput(import_tfjs124.Round, x);
  }
};

// node_modules/@tensorflow/tfjs-node-gpu/src/kernels/Rsqrt.ts
var import_tfjs125 = require("@tensorflow/tfjs-core");
var rsqrtConfig = {
  kernelName: import_tfjs125.Rsqrt,
  backendName: "tensorflow",
  kernelFunc: (args) => {
    const { x } = args.inputs;
    const backend = args.backend;
    return backend.executeSingleInput(import_tfjs125.Rsqrt, x);
  }
};

// node_modules/@tensorflow/tfjs-node-gpu/src/kernels/ScatterNd.ts
var import_tfjs126 = require("@tensorflow/tfjs-core");
var scatterNdConfig = {
  kernelName: import_tfjs126.ScatterNd,
  backendName: "tensorflow",
  kernelFunc: (args) => {
    const { indices, updates } = args.inputs;
    const backend = args.backend;
    const { shape } = args.attrs;
    const opAttrs = [
      createTensorsTypeOpAttr("T", updates.dtype),
      createTensorsTypeOpAttr("Tindices", "int32")
    ];
    const shapeTensor = (0, import_tfjs126.tensor1d)(shape, "int32");
    const ret = backend.executeSingleOutput(
      import_tfjs126.ScatterNd,
      opAttrs,
      [indices, updates, shapeTensor]
    );
    shapeTensor.dispose();
    return ret;
  }
};

// node_modules/@tensorflow/tfjs-node-gpu/src/kernels/Select.ts
var import_tfjs127 = require("@tensorflow/tfjs-core");
var selectConfig = {
  kernelName: import_tfjs127.Select,
  backendName: "tensorflow",
  kernelFunc: (args) => {
    const { condition, t, e } = args.inputs;
    const backend = args.backend;
    const opAttrs = [createTensorsTypeOpAttr(
      "T",
      import_tfjs127.backend_util.upcastType(t.dtype, e.dtype)
    )];
    return backend.executeSingleOutput(import_tfjs127.Select, opAttrs, [condition, t, e]);
  }
};

// node_modules/@tensorflow/tfjs-node-gpu/src/kernels/Selu.ts
var import_tfjs128 = require("@tensorflow/tfjs-core");
var seluConfig = {
  kernelName: import_tfjs128.Selu,
  backendName: "tensorflow",
  kernelFunc: (args) => {
    const { x } = args.inputs;
    const backend = args.backend;
    return backend.executeSingleInput(import_tfjs128.Selu, x);
  }
};

// node_modules/@tensorflow/tfjs-node-gpu/src/kernels/Sigmoid.ts
var import_tfjs129 = require("@tensorflow/tfjs-core");
var sigmoidConfig = {
  kernelName: import_tfjs129.Sigmoid,
  backendName: "tensorflow",
  kernelFunc: (args) => {
    const { x } = args.inputs;
    const backend = args.backend;
    return backend.executeSingleInput(import_tfjs129.Sigmoid, x);
  }
};

// node_modules/@tensorflow/tfjs-node-gpu/src/kernels/Sign.ts
var import_tfjs130 = require("@tensorflow/tfjs-core");
var signConfig = {
  kernelName: import_tfjs130.Sign,
  backendName: "tensorflow",
  kernelFunc: (args) => {
    const { x } = args.inputs;
    const backend = args.backend;
    return backend.executeSingleInput(import_tfjs130.Sign, x);
  }
};

// node_modules/@tensorflow/tfjs-node-gpu/src/kernels/Sin.ts
var import_tfjs131 = require("@tensorflow/tfjs-core");
var sinConfig = {
  kernelName: import_tfjs131.Sin,
  backendName: "tensorflow",
  kernelFunc: (args) => {
    const { x } = args.inputs;
    const backend = args.backend;
    return backend.executeSingleInput(import_tfjs131.Sin, x);
  }
};

// node_modules/@tensorflow/tfjs-node-gpu/src/kernels/Sinh.ts
var import_tfjs132 = require("@tensorflow/tfjs-core");
var sinhConfig = {
  kernelName: import_tfjs132.Sinh,
  backendName: "tensorflow",
  kernelFunc: (args) => {
    const { x } = args.inputs;
    const backend = args.backend;
    return backend.executeSingleInput(import_tfjs132.Sinh, x);
  }
};

// node_modules/@tensorflow/tfjs-node-gpu/src/kernels/Slice.ts
var import_tfjs133 = require("@tensorflow/tfjs-core");
var sliceConfig = {
  kernelName: import_tfjs133.Slice,
  backendName: "tensorflow",
  kernelFunc: (args) => {
    const { x } = args.inputs;
    const backend = args.backend;
    const { begin, size } = args.attrs;
    const opAttrs = [
      createTensorsTypeOpAttr("T", x.dtype),
      createTensorsTypeOpAttr("Index", "int32")
    ];
    const [begin_, size_] = import_tfjs133.backend_util.slice_util.parseSliceParams(x, begin, size);
    const beginTensor = (0, import_tfjs133.tensor1d)(begin_, "int32");
    const sizeTensor = (0, import_tfjs133.tensor1d)(size_, "int32");
    const res = backend.executeSingleOutput(
      import_tfjs133.Slice,
      opAttrs,
      [x, beginTensor, sizeTensor]
    );
    beginTensor.dispose();
    sizeTensor.dispose();
    return res;
  }
};

// node_modules/@tensorflow/tfjs-node-gpu/src/kernels/Softmax.ts
var softmaxConfig = {
  kernelName: "Softmax",
  backendName: "tensorflow",
  kernelFunc: ({ inputs, backend }) => {
    const { logits } = inputs;
    const opAttrs = [createTensorsTypeOpAttr("T", logits.dtype)];
    const nodeBackend2 = backend;
    return nodeBackend2.executeSingleOutput("Softmax", opAttrs, [logits]);
  }
};

// node_modules/@tensorflow/tfjs-node-gpu/src/kernels/Softplus.ts
var import_tfjs134 = require("@tensorflow/tfjs-core");
var softplusConfig = {
  kernelName: import_tfjs134.Softplus,
  backendName: "tensorflow",
  kernelFunc: (args) => {
    const { x } = args.inputs;
    const backend = args.backend;
    return backend.executeSingleInput(import_tfjs134.Softplus, x);
  }
};

// node_modules/@tensorflow/tfjs-node-gpu/src/kernels/SpaceToBatchND.ts
var import_tfjs135 = require("@tensorflow/tfjs-core");
var spaceToBatchNDConfig = {
  kernelName: import_tfjs135.SpaceToBatchND,
  backendName: "tensorflow",
  kernelFunc: (args) => {
    const { x } = args.inputs;
    const backend = args.backend;
    const { blockShape, paddings } = args.attrs;
    const blockShapeTensor = (0, import_tfjs135.tensor1d)(blockShape, "int32");
    const paddingsTensor = (0, import_tfjs135.tensor2d)(paddings, [paddings.length, paddings[0].length], "int32");
    const opAttrs = [
      createTensorsTypeOpAttr("T", x.dtype),
      createTensorsTypeOpAttr("Tblock_shape", "int32"),
      createTensorsTypeOpAttr("Tpaddings", paddingsTensor.dtype)
    ];
    const res = backend.executeSingleOutput(
      import_tfjs135.SpaceToBatchND,
      opAttrs,
      [x, blockShapeTensor, paddingsTensor]
    );
    blockShapeTensor.dispose();
    paddingsTensor.dispose();
    return res;
  }
};

// node_modules/@tensorflow/tfjs-node-gpu/src/kernels/SparseToDense.ts
var import_tfjs136 = require("@tensorflow/tfjs-core");
var sparseToDenseConfig = {
  kernelName: import_tfjs136.SparseToDense,
  backendName: "tensorflow",
  kernelFunc: (args) => {
    const { sparseIndices, sparseValues, defaultValue } = args.inputs;
    const backend = args.backend;
    const { outputShape } = args.attrs;
    const opAttrs = [
      {
        name: "validate_indices",
        type: backend.binding.TF_ATTR_BOOL,
        value: true
      },
      createTensorsTypeOpAttr("T", sparseValues.dtype),
      createTensorsTypeOpAttr("Tindices", sparseIndices.dtype)
    ];
    const outputShapeTensor = (0, import_tfjs136.tensor1d)(outputShape, "int32");
    const res = backend.executeSingleOutput(
      import_tfjs136.SparseToDense,
      opAttrs,
      [sparseIndices, outputShapeTensor, sparseValues, defaultValue]
    );
    outputShapeTensor.dispose();
    return res;
  }
};

// node_modules/@tensorflow/tfjs-node-gpu/src/kernels/SplitV.ts
var import_tfjs137 = require("@tensorflow/tfjs-core");
var splitVConfig = {
  kernelName: import_tfjs137.SplitV,
  backendName: "tensorflow",
  kernelFunc: (args) => {
    const { x } = args.inputs;
    const backend = args.backend;
    const { numOrSizeSplits, axis } = args.attrs;
    const $axis = import_tfjs137.util.parseAxisParam(axis, x.shape)[0];
    const splitSizes = import_tfjs137.backend_util.prepareSplitSize(x, numOrSizeSplits, $axis);
    const opAttrs = [
      {
        name: "num_split",
        type: backend.binding.TF_ATTR_INT,
        value: splitSizes.length
      },
      createTensorsTypeOpAttr("T", x),
      {
        name: "Tlen",
        type: backend.binding.TF_ATTR_TYPE,
        value: backend.binding.TF_INT32
      }
    ];
    const inputs = [x];
    return (0, import_tfjs137.tidy)(() => {
      inputs.push((0, import_tfjs137.tensor1d)(splitSizes, "int32"));
      inputs.push((0, import_tfjs137.scalar)($axis, "int32"));
      return backend.executeMultipleOutputs(
        import_tfjs137.SplitV,
        opAttrs,
        inputs,
        splitSizes.length
      );
    });
  }
};

// node_modules/@tensorflow/tfjs-node-gpu/src/kernels/Sqrt.ts
var import_tfjs138 = require("@tensorflow/tfjs-core");
var sqrtConfig = {
  kernelName: import_tfjs138.Sqrt,
  backendName: "tensorflow",
  kernelFunc: (args) => {
    const { x } = args.inputs;
    const backend = args.backend;
    return backend.executeSingleInput(import_tfjs138.Sqrt, x);
  }
};

// node_modules/@tensorflow/tfjs-node-gpu/src/kernels/Square.ts
var import_tfjs139 = require("@tensorflow/tfjs-core");
var squareConfig = {
  kernelName: import_tfjs139.Square,
  backendName: "tensorflow",
  kernelFunc: (args) => {
    const { x } = args.inputs;
    const backend = args.backend;
    return backend.executeSingleInput(import_tfjs139.Square, x);
  }
};

// node_modules/@tensorflow/tfjs-node-gpu/src/kernels/SquaredDifference.ts
var import_tfjs140 = require("@tensorflow/tfjs-core");
var squaredDifferenceConfig = {
  kernelName: import_tfjs140.SquaredDifference,
  backendName: "tensorflow",
  kernelFunc: (args) => {
    const { a, b } = args.inputs;
    const backend = args.backend;
    const opAttrs = [createTensorsTypeOpAttr("T", a.dtype)];
    return backend.executeSingleOutput(import_tfjs140.SquaredDifference, opAttrs, [a, b]);
  }
};

// node_modules/@tensorflow/tfjs-node-gpu/src/kernels/StaticRegexReplace.ts
var import_tfjs141 = require("@tensorflow/tfjs-core");
var staticRegexReplaceConfig = {
  kernelName: import_tfjs141.StaticRegexReplace,
  backendName: "tensorflow",
  kernelFunc: (args) => {
    const tensors = args.inputs;
    const backend = args.backend;
    const { pattern, rewrite, replaceGlobal } = args.attrs;
    const opAttrs = [
      { name: "pattern", type: backend.binding.TF_ATTR_STRING, value: pattern },
      { name: "rewrite", type: backend.binding.TF_ATTR_STRING, value: rewrite },
      {
        name: "replace_global",
        type: backend.binding.TF_ATTR_BOOL,
        value: replaceGlobal
      }
    ];
    const inputs = [tensors.x];
    return backend.executeSingleOutput("StaticRegexReplace", opAttrs, inputs);
  }
};

// node_modules/@tensorflow/tfjs-node-gpu/src/kernels/Step.ts
var import_tfjs142 = require("@tensorflow/tfjs-core");
var stepConfig = {
  kernelName: import_tfjs142.Step,
  backendName: "tensorflow",
  kernelFunc: (args) => {
    const { x } = args.inputs;
    const backend = args.backend;
    const { alpha } = args.attrs;
    const dtype = x.dtype;
    return (0, import_tfjs142.tidy)(() => {
      const nans = (0, import_tfjs142.isNaN)(x);
      const stepNoNans = (0, import_tfjs142.where)(
        (0, import_tfjs142.greater)(x, (0, import_tfjs142.scalar)(0, dtype)),
        (0, import_tfjs142.ones)(x.shape),
        (0, import_tfjs142.fill)(x.shape, alpha, dtype)
      );
      const opAttrs = [createTensorsTypeOpAttr(
        "T",
        import_tfjs142.backend_util.upcastType(x.dtype, stepNoNans.dtype)
      )];
      return backend.executeSingleOutput(
        "Select",
        opAttrs,
        [nans, x, stepNoNans]
      );
    });
  }
};

// node_modules/@tensorflow/tfjs-node-gpu/src/kernels/StridedSlice.ts
var import_tfjs143 = require("@tensorflow/tfjs-core");
var stridedSliceConfig = {
  kernelName: import_tfjs143.StridedSlice,
  backendName: "tensorflow",
  kernelFunc: (args) => {
    const { x } = args.inputs;
    const backend = args.backend;
    const { beginMask, endMask, ellipsisMask, newAxisMask, shrinkAxisMask } = args.attrs;
    const attrs = args.attrs;
    const begin = attrs.begin.slice();
    const end = attrs.end.slice();
    const strides = attrs.strides;
    return (0, import_tfjs143.tidy)(() => {
      const beginTensor = (0, import_tfjs143.tensor1d)(begin, "int32");
      const endTensor = (0, import_tfjs143.tensor1d)(end, "int32");
      const stridesTensor = (0, import_tfjs143.tensor1d)(strides, "int32");
      const opAttrs = [
        createTensorsTypeOpAttr("T", x.dtype),
        createTensorsTypeOpAttr("Index", "int32"),
        {
          name: "begin_mask",
          type: backend.binding.TF_ATTR_INT,
          value: beginMask
        },
        { name: "end_mask", type: backend.binding.TF_ATTR_INT, value: endMask },
        {
          name: "ellipsis_mask",
          type: backend.binding.TF_ATTR_INT,
          value: ellipsisMask
        },
        {
          name: "new_axis_mask",
          type: backend.binding.TF_ATTR_INT,
          value: newAxisMask
        },
        {
          name: "shrink_axis_mask",
          type: backend.binding.TF_ATTR_INT,
          value: shrinkAxisMask
        }
      ];
      return backend.executeSingleOutput(
        import_tfjs143.StridedSlice,
        opAttrs,
        [x, beginTensor, endTensor, stridesTensor]
      );
    });
  }
};

// node_modules/@tensorflow/tfjs-node-gpu/src/kernels/Sub.ts
var import_tfjs144 = require("@tensorflow/tfjs-core");
var subConfig = {
  kernelName: import_tfjs144.Sub,
  backendName: "tensorflow",
  kernelFunc: (args) => {
    const { a, b } = args.inputs;
    const backend = args.backend;
    const opAttrs = [createTensorsTypeOpAttr(
      "T",
      import_tfjs144.backend_util.upcastType(a.dtype, b.dtype)
    )];
    return backend.executeSingleOutput(import_tfjs144.Sub, opAttrs, [a, b]);
  }
};

// node_modules/@tensorflow/tfjs-node-gpu/src/kernels/Sum.ts
var import_tfjs145 = require("@tensorflow/tfjs-core");
var sumConfig = {
  kernelName: import_tfjs145.Sum,
  backendName: "tensorflow",
  kernelFunc: (args) => {
    const { x } = args.inputs;
    const backend = args.backend;
    const { axis, keepDims } = args.attrs;
    const axes = import_tfjs145.util.parseAxisParam(axis, x.shape);
    const axisTensor = (0, import_tfjs145.tensor1d)(axes, "int32");
    const res = backend.executeSingleOutput(
      import_tfjs145.Sum,
      backend.createReductionOpAttrs(x, keepDims),
      [x, axisTensor]
    );
    axisTensor.dispose();
    return res;
  }
};

// node_modules/@tensorflow/tfjs-node-gpu/src/kernels/Tan.ts
var import_tfjs146 = require("@tensorflow/tfjs-core");
var tanConfig = {
  kernelName: import_tfjs146.Tan,
  backendName: "tensorflow",
  kernelFunc: (args) => {
    const { x } = args.inputs;
    const backend = args.backend;
    return backend.executeSingleInput(import_tfjs146.Tan, x);
  }
};

// node_modules/@tensorflow/tfjs-node-gpu/src/kernels/Tanh.ts
var import_tfjs147 = require("@tensorflow/tfjs-core");
var tanhConfig = {
  kernelName: import_tfjs147.Tanh,
  backendName: "tensorflow",
  kernelFunc: (args) => {
    const { x } = args.inputs;
    const backend = args.backend;
    return backend.executeSingleInput(import_tfjs147.Tanh, x);
  }
};

// node_modules/@tensorflow/tfjs-node-gpu/src/kernels/TensorScatterUpdate.ts
var import_tfjs148 = require("@tensorflow/tfjs-core");
var tensorScatterUpdateConfig = {
  kernelName: import_tfjs148.TensorScatterUpdate,
  backendName: "tensorflow",
  kernelFunc: (args) => {
    const { tensor: tensor2, indices, updates } = args.inputs;
    const backend = args.backend;
    const {} = args.attrs;
    const opAttrs = [
      createTensorsTypeOpAttr("T", updates.dtype),
      createTensorsTypeOpAttr("Tindices", "int32")
    ];
    const ret = backend.executeSingleOutput(
      import_tfjs148.TensorScatterUpdate,
      opAttrs,
      [tensor2, indices, updates]
    );
    return ret;
  }
};

// node_modules/@tensorflow/tfjs-node-gpu/src/kernels/Tile.ts
var import_tfjs149 = require("@tensorflow/tfjs-core");
var tileConfig = {
  kernelName: import_tfjs149.Tile,
  backendName: "tensorflow",
  kernelFunc: (args) => {
    const { x } = args.inputs;
    const backend = args.backend;
    const { reps } = args.attrs;
    const opAttrs = [
      createTensorsTypeOpAttr("T", x.dtype),
      createTensorsTypeOpAttr("Tmultiples", "int32")
    ];
    const multiples = (0, import_tfjs149.tensor1d)(reps, "int32");
    const res = backend.executeSingleOutput(import_tfjs149.Tile, opAttrs, [x, multiples]);
    multiples.dispose();
    return res;
  }
};

// node_modules/@tensorflow/tfjs-node-gpu/src/kernels/TopK.ts
var import_tfjs150 = require("@tensorflow/tfjs-core");
var topKConfig = {
  kernelName: import_tfjs150.TopK,
  backendName: "tensorflow",
  kernelFunc: (args) => {
    const { x } = args.inputs;
    const backend = args.backend;
    const { k, sorted } = args.attrs;
    const kCount = isNullOrUndefined(k) ? 1 : k;
    const isSorted = isNullOrUndefined(sorted) ? true : sorted;
    const opAttrs = [
      { name: "sorted", type: backend.binding.TF_ATTR_BOOL, value: isSorted },
      createTensorsTypeOpAttr("T", x.dtype)
    ];
    const kTensor = (0, import_tfjs150.scalar)(kCount, "int32");
    const res = backend.executeMultipleOutputs("TopKV2", opAttrs, [x, kTensor], 2);
    kTensor.dispose();
    return res;
  }
};

// node_modules/@tensorflow/tfjs-node-gpu/src/kernels/Transpose.ts
var import_tfjs151 = require("@tensorflow/tfjs-core");
var transposeConfig = {
  kernelName: import_tfjs151.Transpose,
  backendName: "tensorflow",
  kernelFunc: (args) => {
    const { x } = args.inputs;
    const backend = args.backend;
    const { perm } = args.attrs;
    const permTensor = (0, import_tfjs151.tensor1d)(perm, "int32");
    const opAttrs = [
      createTensorsTypeOpAttr("T", x.dtype),
      createTensorsTypeOpAttr("Tperm", "int32")
    ];
    const res = backend.executeSingleOutput(import_tfjs151.Transpose, opAttrs, [x, permTensor]);
    permTensor.dispose();
    return res;
  }
};

// node_modules/@tensorflow/tfjs-node-gpu/src/kernels/Unique.ts
var import_tfjs152 = require("@tensorflow/tfjs-core");
var uniqueConfig = {
  kernelName: import_tfjs152.Unique,
  backendName: "tensorflow",
  kernelFunc: (args) => {
    const { x } = args.inputs;
    const backend = args.backend;
    const { axis = 0 } = args.attrs;
    const axisTensor = (0, import_tfjs152.tensor1d)([axis], "int32");
    try {
      const opAttrs = [
        createTensorsTypeOpAttr("T", x.dtype),
        createTensorsTypeOpAttr("Taxis", "int32"),
        createTensorsTypeOpAttr("out_idx", "int32")
      ];
      const inputs = [x, axisTensor];
      return backend.executeMultipleOutputs("UniqueV2", opAttrs, inputs, 2);
    } finally {
      axisTensor.dispose();
    }
  }
};

// node_modules/@tensorflow/tfjs-node-gpu/src/kernels/Unpack.ts
var import_tfjs153 = require("@tensorflow/tfjs-core");
var unpackConfig = {
  kernelName: import_tfjs153.Unpack,
  backendName: "tensorflow",
  kernelFunc: (args) => {
    const { value } = args.inputs;
    const backend = args.backend;
    let { axis } = args.attrs;
    if (axis < 0) {
      axis += value.shape.length;
    }
    if (axis >= value.shape.length) {
      throw new Error(
        `Invalid axis supplied: ${axis} shape length: ${value.shape.length}`
      );
    }
    const num = value.shape[axis];
    const opAttrs = [
      { name: "num", type: backend.binding.TF_ATTR_INT, value: num },
      createTensorsTypeOpAttr("T", value.dtype),
      { name: "axis", type: backend.binding.TF_ATTR_INT, value: axis }
    ];
    return backend.executeMultipleOutputs(import_tfjs153.Unpack, opAttrs, [value], num);
  }
};

// node_modules/@tensorflow/tfjs-node-gpu/src/kernels/UnsortedSegmentSum.ts
var import_tfjs154 = require("@tensorflow/tfjs-core");
var unsortedSegmentSumConfig = {
  kernelName: import_tfjs154.UnsortedSegmentSum,
  backendName: "tensorflow",
  kernelFunc: (args) => {
    const { x, segmentIds } = args.inputs;
    const backend = args.backend;
    const { numSegments } = args.attrs;
    const opAttrs = [
      createTensorsTypeOpAttr("T", x.dtype),
      createTensorsTypeOpAttr("Tindices", "int32"),
      createTensorsTypeOpAttr("Tnumsegments", "int32")
    ];
    const numSegmentsT = (0, import_tfjs154.scalar)(numSegments, "int32");
    const res = backend.executeSingleOutput(
      import_tfjs154.UnsortedSegmentSum,
      opAttrs,
      [x, segmentIds, numSegmentsT]
    );
    numSegmentsT.dispose();
    return res;
  }
};

// node_modules/@tensorflow/tfjs-node-gpu/src/kernels/ZerosLike.ts
var import_tfjs155 = require("@tensorflow/tfjs-core");
var zerosLikeConfig = {
  kernelName: import_tfjs155.ZerosLike,
  backendName: "tensorflow",
  kernelFunc: (args) => {
    const { x } = args.inputs;
    const backend = args.backend;
    const opAttrs = [{
      name: "T",
      type: backend.binding.TF_ATTR_TYPE,
      value: backend.getDTypeInteger(x.dtype)
    }];
    return backend.executeSingleOutput(import_tfjs155.ZerosLike, opAttrs, [x]);
  }
};

// node_modules/@tensorflow/tfjs-node-gpu/src/register_all_kernels.ts
var kernelConfigs = [
  FFTConfig,
  IFFTConfig,
  LRNConfig,
  LRNGradConfig,
  _fusedMatMulConfig,
  absConfig,
  acosConfig,
  acoshConfig,
  addConfig,
  addNConfig,
  allConfig,
  anyConfig,
  argMaxConfig,
  argMinConfig,
  asinConfig,
  asinhConfig,
  atan2Config,
  atanConfig,
  atanhConfig,
  avgPool3DConfig,
  avgPool3DGradConfig,
  avgPoolConfig,
  avgPoolGradConfig,
  batchMatMulConfig,
  batchToSpaceNDConfig,
  broadcastArgsConfig,
  castConfig,
  ceilConfig,
  clipByValueConfig,
  complexAbsConfig,
  complexConfig,
  concatConfig,
  conv2DBackpropFilterConfig,
  conv2DBackpropInputConfig,
  conv2DConfig,
  conv3DBackpropFilterV2Config,
  conv3DBackpropInputV2Config,
  conv3DConfig,
  cosConfig,
  coshConfig,
  cropAndResizeConfig,
  cumprodConfig,
  cumsumConfig,
  bincountConfig,
  depthToSpaceConfig,
  depthwiseConv2dNativeBackpropFilterConfig,
  depthwiseConv2dNativeBackpropInputConfig,
  depthwiseConv2dNativeConfig,
  diagConfig,
  dilation2dBackpropFilterConfig,
  dilation2dBackpropInputConfig,
  dilation2dConfig,
  eluConfig,
  eluGradConfig,
  einsumConfig,
  equalConfig,
  erfConfig,
  expConfig,
  expandDimsConfig,
  expm1Config,
  fillConfig,
  flipLeftRightConfig,
  floorConfig,
  floorDivConfig,
  fusedBatchNormConfig,
  fusedConv2DConfig,
  fusedDepthwiseConv2DConfig,
  gatherNdConfig,
  gatherV2Config,
  greaterConfig,
  greaterEqualConfig,
  identityConfig,
  imagConfig,
  isFiniteConfig,
  isInfConfig,
  isNanConfig,
  leakyReluConfig,
  lessConfig,
  lessEqualConfig,
  linSpaceConfig,
  log1pConfig,
  logConfig,
  logicalAndConfig,
  logicalNotConfig,
  logicalOrConfig,
  maxConfig,
  maxPool3DConfig,
  maxPool3DGradConfig,
  maxPoolConfig,
  maxPoolGradConfig,
  maximumConfig,
  meanConfig,
  minConfig,
  minimumConfig,
  mirrorPadConfig,
  modConfig,
  multinomialConfig,
  multiplyConfig,
  negConfig,
  nonMaxSuppressionV3Config,
  nonMaxSuppressionV4Config,
  nonMaxSuppressionV5Config,
  notEqualConfig,
  oneHotConfig,
  onesLikeConfig,
  packConfig,
  padV2Config,
  powConfig,
  preluConfig,
  prodConfig,
  rangeConfig,
  realConfig,
  realDivConfig,
  reciprocalConfig,
  relu6Config,
  reluConfig,
  reshapeConfig,
  resizeBilinearConfig,
  resizeBilinearGradConfig,
  resizeNearestNeighborConfig,
  resizeNearestNeighborGradConfig,
  reverseConfig,
  roundConfig,
  rsqrtConfig,
  scatterNdConfig,
  selectConfig,
  seluConfig,
  sigmoidConfig,
  signConfig,
  sinConfig,
  sinhConfig,
  sliceConfig,
  softmaxConfig,
  softplusConfig,
  spaceToBatchNDConfig,
  sparseToDenseConfig,
  splitVConfig,
  sqrtConfig,
  squareConfig,
  squaredDifferenceConfig,
  staticRegexReplaceConfig,
  stepConfig,
  stridedSliceConfig,
  subConfig,
  sumConfig,
  tanConfig,
  tanhConfig,
  tensorScatterUpdateConfig,
  tileConfig,
  topKConfig,
  transposeConfig,
  uniqueConfig,
  unpackConfig,
  unsortedSegmentSumConfig,
  zerosLikeConfig
];
for (const kernelConfig of kernelConfigs) {
  (0, import_tfjs156.registerKernel)(kernelConfig);
}
// Annotate the CommonJS export names for ESM import in node:
0 && (module.exports = {
  NodeJSKernelBackend,
  createTensorsTypeOpAttr,
  getTFDType
});
