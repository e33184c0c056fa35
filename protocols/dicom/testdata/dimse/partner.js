// A partner of the DICOM tests: "serve PORT" answers every service, and pairs of a word
// and a port play those conversations to those ports, one after another. All patients
// are ZZCANARY.
'use strict';
const { Client, Dataset, Server, Scp, constants, requests, responses } = require('dcmjs-dimse');

const UID = {
  mpps: '1.2.840.10008.3.1.2.3.3',
  commitment: '1.2.840.10008.1.20.1',
  workitem: '1.2.840.10008.5.1.4.34.6.1',
  printer: '1.2.840.10008.5.1.1.16',
  film: '1.2.840.10008.5.1.1.1',
};
const patient = { PatientName: 'ZZCANARY^PATIENT', PatientID: 'ZZCANARY-ID' };
const image = new Dataset({
  ...patient,
  SOPClassUID: '1.2.840.10008.5.1.4.1.1.2', SOPInstanceUID: '2.25.4711', StudyInstanceUID: '2.25.2', SeriesInstanceUID: '2.25.3',
  Modality: 'CT', Manufacturer: 'ACME Medical', ManufacturerModelName: 'Scanmaster 9', DeviceSerialNumber: 'SN-4711',
  StationName: 'CT01-CONSOLE', SoftwareVersions: ['syngo X 1.2', 'recon 7'],
});

class Partner extends Scp {
  associationRequested(a) {
    if (a.getCallingAeTitle() === 'STRANGER') {
      this.sendAssociationReject(constants.RejectResult.Permanent, constants.RejectSource.ServiceUser, constants.RejectReason.CallingAeNotRecognized);
      return;
    }
    if (a.getNegotiateUserIdentity() && a.getUserIdentityPositiveResponseRequested()) {
      a.setUserIdentityServerResponse('');
      a.setNegotiateUserIdentityServerResponse(true);
    }
    for (const { id } of a.getPresentationContexts()) {
      const context = a.getPresentationContext(id);
      context.setResult(constants.PresentationContextResult.Accept, context.getTransferSyntaxUids()[0]);
    }
    this.sendAssociationAccept();
  }
  associationReleaseRequested() { this.sendAssociationReleaseResponse(); }
  answer(kind, request, callback, dataset) {
    const response = responses[kind].fromRequest(request);
    response.setStatus(constants.Status.Success);
    if (dataset) response.setDataset(new Dataset(dataset));
    callback(response);
  }
  cEchoRequest(r, callback) { this.answer('CEchoResponse', r, callback); }
  cStoreRequest(r, callback) { this.answer('CStoreResponse', r, callback); }
  cFindRequest(r, callback) {
    const found = responses.CFindResponse.fromRequest(r);
    found.setStatus(constants.Status.Pending);
    found.setDataset(new Dataset({ ...patient, ScheduledProcedureStepSequence: [{ ScheduledProcedureStepDescription: 'ZZCANARY knee' }] }));
    const last = responses.CFindResponse.fromRequest(r);
    last.setStatus(constants.Status.Success);
    callback([found, last]);
  }
  cGetRequest(r, callback) {
    const last = responses.CGetResponse.fromRequest(r);
    last.setStatus(constants.Status.Success);
    this.sendRequests(new requests.CStoreRequest(image));
    callback([last]);
  }
  nCreateRequest(r, callback) { this.answer('NCreateResponse', r, callback); }
  nSetRequest(r, callback) { this.answer('NSetResponse', r, callback); }
  nActionRequest(r, callback) { this.answer('NActionResponse', r, callback); }
  nEventReportRequest(r, callback) { this.answer('NEventReportResponse', r, callback); }
  nDeleteRequest(r, callback) { this.answer('NDeleteResponse', r, callback); }
  nGetRequest(r, callback) {
    this.answer('NGetResponse', r, callback, {
      Manufacturer: 'Filmworks', ManufacturerModelName: 'Dry 5950', DeviceSerialNumber: '77001', SoftwareVersions: '4.1', PrinterName: 'DRYVIEW_OR',
    });
  }
}

function withData(request, elements) {
  request.setDataset(new Dataset(elements));
  return request;
}

const { CCancelRequest, CFindRequest, CGetRequest, CStoreRequest, NActionRequest, NCreateRequest, NDeleteRequest, NEventReportRequest, NGetRequest, NSetRequest } = requests;
const plays = {
  mpps: () => [
    withData(new NCreateRequest(UID.mpps, '1.2.99.55'), {
      ...patient, Modality: 'CT', PerformedStationAETitle: 'CT01', PerformedStationName: 'CT-ROOM', PerformedProcedureStepStatus: 'IN PROGRESS',
      PerformedProcedureStepDescription: 'ZZCANARY knee',
    }),
    withData(new NSetRequest(UID.mpps, '1.2.99.55'), { PerformedProcedureStepStatus: 'COMPLETED', PerformedProcedureStepDescription: 'ZZCANARY knee' }),
  ],
  worklist: () => [CFindRequest.createWorklistFindRequest({
    PatientName: 'ZZCANARY*', ScheduledProcedureStepSequence: [{ ScheduledStationAETitle: 'CT01', Modality: 'CT', ScheduledStationName: 'CT-ROOM' }],
  })],
  store: () => [new CStoreRequest(image)],
  get: () => [CGetRequest.createStudyGetRequest('2.25.2')],
  commit: () => [withData(new NActionRequest(UID.commitment, '1.2.840.10008.1.20.1.1', 1), {
    TransactionUID: '2.25.8', ReferencedSOPSequence: [{ ReferencedSOPClassUID: '1.2.840.10008.5.1.4.1.1.2', ReferencedSOPInstanceUID: '2.25.4711' }],
  })],
  report: () => [withData(new NEventReportRequest(UID.commitment, '1.2.840.10008.1.20.1.1', 1), { RetrieveAETitle: 'VNA', TransactionUID: '2.25.8' })],
  workitem: () => [
    withData(new NActionRequest(UID.workitem, '1.2.99.55', 1), { TransactionUID: '2.25.8', ProcedureStepState: 'IN PROGRESS' }),
    withData(new NActionRequest(UID.workitem, '1.2.99.55', 1), { TransactionUID: '2.25.8', ProcedureStepState: 'CANCELED' }),
  ],
  print: () => [
    new NGetRequest(UID.printer, '1.2.840.10008.5.1.1.17', []),
    withData(new NCreateRequest(UID.film, '2.25.9'), { FilmSessionLabel: 'ZZCANARY', OwnerID: 'ZZCANARY' }),
    new NDeleteRequest(UID.film, '2.25.9'),
  ],
  stranger: () => [new requests.CEchoRequest()],
};

// play plays one conversation and calls then when it has ended.
function play(word, port, then) {
  const client = new Client();
  for (const request of plays[word]()) client.addRequest(request);
  client.on('cStoreRequest', (request, callback) => {
    const response = responses.CStoreResponse.fromRequest(request);
    response.setStatus(constants.Status.Success);
    callback(response);
  });
  client.on('networkError', (e) => { console.error(word, e); process.exit(1); });
  client.on('closed', then);
  const calling = { stranger: 'STRANGER', report: 'ARCHIVE' }[word] || 'CT01';
  client.send('127.0.0.1', port, calling, word === 'report' ? 'CT01' : 'ARCHIVE', {
    userIdentity: word === 'mpps' ? { type: constants.UserIdentityType.UsernameAndPasscode, positiveResponseRequested: true, primaryField: 'ZZCANARY', secondaryField: 'ZZCANARY-secret' } : undefined,
  });
}

function playAll(pairs) {
  if (pairs.length === 0) process.exit();
  play(pairs[0], Number(pairs[1]), () => playAll(pairs.slice(2)));
}

const [first, ...rest] = process.argv.slice(2);
if (first === 'serve') new Server(Partner).listen(Number(rest[0]));
else playAll([first, ...rest]);
