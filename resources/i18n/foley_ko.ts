<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="ko" sourcelanguage="en">
  <context>
    <name>Actions</name>
    <message>
      <source>&amp;Best in sync first</source>
      <translation>싱크가 좋은 순서로(&amp;B)</translation>
    </message>
    <message>
      <source>&amp;Clip page</source>
      <translation>클립 페이지(&amp;C)</translation>
    </message>
    <message>
      <source>&amp;Compare with the take before (hold)</source>
      <translation>이전 테이크와 비교, 누르고 있기(&amp;C)</translation>
    </message>
    <message>
      <source>&amp;Dark</source>
      <translation>어둡게(&amp;D)</translation>
    </message>
    <message>
      <source>&amp;Delete hits</source>
      <translation>타격점 삭제(&amp;D)</translation>
    </message>
    <message>
      <source>&amp;Dim production sound</source>
      <translation>현장음 줄이기(&amp;D)</translation>
    </message>
    <message>
      <source>&amp;Erase drawn curve</source>
      <translation>그린 커브 지우기(&amp;E)</translation>
    </message>
    <message>
      <source>&amp;Export timeline…</source>
      <translation>타임라인 내보내기(&amp;E)…</translation>
    </message>
    <message>
      <source>&amp;Favourite</source>
      <translation>즐겨찾기(&amp;F)</translation>
    </message>
    <message>
      <source>&amp;Find media…</source>
      <translation>미디어 찾기(&amp;F)…</translation>
    </message>
    <message>
      <source>&amp;Fit the whole cut</source>
      <translation>컷 전체 맞추기(&amp;F)</translation>
    </message>
    <message>
      <source>&amp;Forget recent timelines</source>
      <translation>최근 타임라인 목록 지우기(&amp;F)</translation>
    </message>
    <message>
      <source>&amp;Generate foley</source>
      <translation>폴리 생성(&amp;G)</translation>
    </message>
    <message>
      <source>&amp;Go to timecode…</source>
      <translation>타임코드로 이동(&amp;G)…</translation>
    </message>
    <message>
      <source>&amp;Hear all tracks</source>
      <translation>모든 트랙 듣기(&amp;H)</translation>
    </message>
    <message>
      <source>&amp;Keyboard shortcuts…</source>
      <translation>키보드 단축키(&amp;K)…</translation>
    </message>
    <message>
      <source>&amp;Light</source>
      <translation>밝게(&amp;L)</translation>
    </message>
    <message>
      <source>&amp;Match levels of the takes</source>
      <translation>테이크 레벨 맞추기(&amp;M)</translation>
    </message>
    <message>
      <source>&amp;Open timeline…</source>
      <translation>타임라인 열기(&amp;O)…</translation>
    </message>
    <message>
      <source>&amp;Pause or go on with jobs</source>
      <translation>작업 일시 정지/계속(&amp;P)</translation>
    </message>
    <message>
      <source>&amp;Play or stop</source>
      <translation>재생/정지(&amp;P)</translation>
    </message>
    <message>
      <source>&amp;Put back where it was made</source>
      <translation>만든 위치로 되돌리기(&amp;P)</translation>
    </message>
    <message>
      <source>&amp;Queue page</source>
      <translation>대기열 페이지(&amp;Q)</translation>
    </message>
    <message>
      <source>&amp;Quit</source>
      <translation>종료(&amp;Q)</translation>
    </message>
    <message>
      <source>&amp;Redo</source>
      <translation>다시 실행(&amp;R)</translation>
    </message>
    <message>
      <source>&amp;Snap to edits and hits</source>
      <translation>편집점과 타격점에 스냅(&amp;S)</translation>
    </message>
    <message>
      <source>&amp;Spot hits</source>
      <translation>타격점 찾기(&amp;S)</translation>
    </message>
    <message>
      <source>&amp;Stop</source>
      <translation>정지(&amp;S)</translation>
    </message>
    <message>
      <source>&amp;Take off the timeline</source>
      <translation>타임라인에서 빼기(&amp;T)</translation>
    </message>
    <message>
      <source>&amp;Tap a hit</source>
      <translation>타격점 두드리기(&amp;T)</translation>
    </message>
    <message>
      <source>&amp;Timeline page</source>
      <translation>타임라인 페이지(&amp;T)</translation>
    </message>
    <message>
      <source>&amp;Undo</source>
      <translation>실행 취소(&amp;U)</translation>
    </message>
    <message>
      <source>&amp;Use its settings</source>
      <translation>이 설정 쓰기(&amp;U)</translation>
    </message>
    <message>
      <source>&amp;Vary this take</source>
      <translation>이 테이크 변주(&amp;V)</translation>
    </message>
    <message>
      <source>&amp;Welcome</source>
      <translation>시작 화면(&amp;W)</translation>
    </message>
    <message>
      <source>&amp;Zoom to the selection</source>
      <translation>선택 항목에 맞춰 확대(&amp;Z)</translation>
    </message>
    <message>
      <source>As the &amp;system</source>
      <translation>시스템 설정(&amp;S)</translation>
    </message>
    <message>
      <source>Cance&amp;l jobs</source>
      <translation>작업 취소(&amp;L)</translation>
    </message>
    <message>
      <source>Choose &amp;model…</source>
      <translation>모델 선택(&amp;M)…</translation>
    </message>
    <message>
      <source>Clear in and o&amp;ut</source>
      <translation>인·아웃 지우기(&amp;U)</translation>
    </message>
    <message>
      <source>Copy rec&amp;ipe</source>
      <translation>레시피 복사(&amp;I)</translation>
    </message>
    <message>
      <source>Draw &amp;intensity curve</source>
      <translation>세기 커브 그리기(&amp;I)</translation>
    </message>
    <message>
      <source>E&amp;xtend to the clip</source>
      <translation>클립 길이로 늘이기(&amp;X)</translation>
    </message>
    <message>
      <source>Foley &amp;alone</source>
      <translation>폴리만 듣기(&amp;A)</translation>
    </message>
    <message>
      <source>Frame r&amp;ate of the EDL…</source>
      <translation>EDL 프레임 레이트(&amp;A)…</translation>
    </message>
    <message>
      <source>Hits a frame earlier</source>
      <translation>타격점 한 프레임 앞으로</translation>
    </message>
    <message>
      <source>Hits a frame later</source>
      <translation>타격점 한 프레임 뒤로</translation>
    </message>
    <message>
      <source>Hits five frames earlier</source>
      <translation>타격점 다섯 프레임 앞으로</translation>
    </message>
    <message>
      <source>Hits five frames later</source>
      <translation>타격점 다섯 프레임 뒤로</translation>
    </message>
    <message>
      <source>Hits stronger</source>
      <translation>타격점 더 세게</translation>
    </message>
    <message>
      <source>Hits weaker</source>
      <translation>타격점 더 약하게</translation>
    </message>
    <message>
      <source>Mark &amp;in</source>
      <translation>인 지정(&amp;I)</translation>
    </message>
    <message>
      <source>Mark &amp;out</source>
      <translation>아웃 지정(&amp;O)</translation>
    </message>
    <message>
      <source>Move to the t&amp;rash</source>
      <translation>휴지통으로 옮기기(&amp;R)</translation>
    </message>
    <message>
      <source>Next edit</source>
      <translation>다음 편집점</translation>
    </message>
    <message>
      <source>Next hit</source>
      <translation>다음 타격점</translation>
    </message>
    <message>
      <source>One frame back</source>
      <translation>한 프레임 뒤로</translation>
    </message>
    <message>
      <source>One frame forward</source>
      <translation>한 프레임 앞으로</translation>
    </message>
    <message>
      <source>One second back</source>
      <translation>1초 뒤로</translation>
    </message>
    <message>
      <source>One second forward</source>
      <translation>1초 앞으로</translation>
    </message>
    <message>
      <source>Open the &amp;demo cut</source>
      <translation>데모 컷 열기(&amp;D)</translation>
    </message>
    <message>
      <source>Play &amp;backwards</source>
      <translation>뒤로 재생(&amp;B)</translation>
    </message>
    <message>
      <source>Play &amp;forwards</source>
      <translation>앞으로 재생(&amp;F)</translation>
    </message>
    <message>
      <source>Play in a &amp;loop</source>
      <translation>반복 재생(&amp;L)</translation>
    </message>
    <message>
      <source>Previous edit</source>
      <translation>이전 편집점</translation>
    </message>
    <message>
      <source>Previous hit</source>
      <translation>이전 타격점</translation>
    </message>
    <message>
      <source>Re&amp;name…</source>
      <translation>이름 바꾸기(&amp;N)…</translation>
    </message>
    <message>
      <source>Re&amp;store from the trash</source>
      <translation>휴지통에서 복원(&amp;S)</translation>
    </message>
    <message>
      <source>Regenerate &amp;after edits</source>
      <translation>편집 후 다시 생성(&amp;A)</translation>
    </message>
    <message>
      <source>Regenerate the mar&amp;ked part</source>
      <translation>표시한 구간 다시 생성(&amp;K)</translation>
    </message>
    <message>
      <source>Repeat with the s&amp;ame recipe</source>
      <translation>같은 레시피로 반복(&amp;A)</translation>
    </message>
    <message>
      <source>Revert hits t&amp;o detected</source>
      <translation>타격점을 감지된 상태로 되돌리기(&amp;O)</translation>
    </message>
    <message>
      <source>Save take as &amp;cast…</source>
      <translation>테이크를 캐스트로 저장(&amp;C)…</translation>
    </message>
    <message>
      <source>Select &amp;all clips</source>
      <translation>모든 클립 선택(&amp;A)</translation>
    </message>
    <message>
      <source>Select all hits</source>
      <translation>모든 타격점 선택</translation>
    </message>
    <message>
      <source>Select clip at &amp;playhead</source>
      <translation>재생헤드 위치의 클립 선택(&amp;P)</translation>
    </message>
    <message>
      <source>Show &amp;reason</source>
      <translation>이유 보기(&amp;R)</translation>
    </message>
    <message>
      <source>Show takes in the &amp;trash</source>
      <translation>휴지통의 테이크 보기(&amp;T)</translation>
    </message>
    <message>
      <source>Show the &amp;project's folder</source>
      <translation>프로젝트 폴더 보기(&amp;P)</translation>
    </message>
    <message>
      <source>Slip a frame &amp;earlier</source>
      <translation>한 프레임 앞으로 슬립(&amp;E)</translation>
    </message>
    <message>
      <source>Slip a frame &amp;later</source>
      <translation>한 프레임 뒤로 슬립(&amp;L)</translation>
    </message>
    <message>
      <source>Slip a millisecond earlier</source>
      <translation>1밀리초 앞으로 슬립</translation>
    </message>
    <message>
      <source>Slip a millisecond later</source>
      <translation>1밀리초 뒤로 슬립</translation>
    </message>
    <message>
      <source>Sp&amp;ot list page</source>
      <translation>스포팅 목록 페이지(&amp;O)</translation>
    </message>
    <message>
      <source>Spot hits with production soun&amp;d</source>
      <translation>현장음과 함께 타격점 찾기(&amp;D)</translation>
    </message>
    <message>
      <source>Take 1</source>
      <translation>테이크 1</translation>
    </message>
    <message>
      <source>Take 2</source>
      <translation>테이크 2</translation>
    </message>
    <message>
      <source>Take 3</source>
      <translation>테이크 3</translation>
    </message>
    <message>
      <source>Take 4</source>
      <translation>테이크 4</translation>
    </message>
    <message>
      <source>Take 5</source>
      <translation>테이크 5</translation>
    </message>
    <message>
      <source>Take 6</source>
      <translation>테이크 6</translation>
    </message>
    <message>
      <source>Take 7</source>
      <translation>테이크 7</translation>
    </message>
    <message>
      <source>Take 8</source>
      <translation>테이크 8</translation>
    </message>
    <message>
      <source>Take 9</source>
      <translation>테이크 9</translation>
    </message>
    <message>
      <source>To the end</source>
      <translation>끝으로</translation>
    </message>
    <message>
      <source>To the start</source>
      <translation>처음으로</translation>
    </message>
    <message>
      <source>Use the defa&amp;ult model</source>
      <translation>기본 모델 사용(&amp;U)</translation>
    </message>
    <message>
      <source>Zoom in</source>
      <translation>확대</translation>
    </message>
    <message>
      <source>Zoom out</source>
      <translation>축소</translation>
    </message>
  </context>
  <context>
    <name>Background</name>
    <message>
      <source>Something went wrong inside the panel; its log tells what.</source>
      <translation>패널 내부에서 문제가 생겼습니다. 로그를 확인하세요.</translation>
    </message>
  </context>
  <context>
    <name>ClipPresenter</name>
    <message>
      <source>All can have foley</source>
      <translation>모두 폴리를 만들 수 있음</translation>
    </message>
    <message>
      <source>Click a clip on the timeline, or mark a range with I and O.</source>
      <translation>타임라인에서 클립을 클릭하거나 I와 O로 구간을 지정하세요.</translation>
    </message>
    <message>
      <source>Foley is made for what is seen between in and out.</source>
      <translation>인과 아웃 사이에 보이는 화면에 폴리를 만듭니다.</translation>
    </message>
    <message>
      <source>Marked range</source>
      <translation>지정한 구간</translation>
    </message>
    <message>
      <source>None of them can have foley</source>
      <translation>폴리를 만들 수 있는 클립이 없음</translation>
    </message>
    <message>
      <source>Nothing selected</source>
      <translation>선택 없음</translation>
    </message>
    <message>
      <source>Their media is being checked</source>
      <translation>미디어를 확인하는 중</translation>
    </message>
    <message>
      <source>in {}</source>
      <translation>{} 안</translation>
    </message>
    <message>
      <source>{} can have foley</source>
      <translation>{}개에 폴리를 만들 수 있음</translation>
    </message>
    <message>
      <source>{} clips</source>
      <translation>클립 {}개</translation>
    </message>
    <message>
      <source>{} clips selected</source>
      <translation>클립 {}개 선택됨</translation>
    </message>
  </context>
  <context>
    <name>ClipState</name>
    <message>
      <source>Checking its media</source>
      <translation>미디어 확인 중</translation>
    </message>
    <message>
      <source>Failed</source>
      <translation>실패</translation>
    </message>
    <message>
      <source>Foley made</source>
      <translation>폴리 있음</translation>
    </message>
    <message>
      <source>Hits have changed since this take</source>
      <translation>이 테이크 뒤에 타격점이 바뀜</translation>
    </message>
    <message>
      <source>Looking for hits</source>
      <translation>타격점 찾는 중</translation>
    </message>
    <message>
      <source>Making foley</source>
      <translation>폴리 만드는 중</translation>
    </message>
    <message>
      <source>No foley can be made</source>
      <translation>폴리를 만들 수 없음</translation>
    </message>
    <message>
      <source>Ready for foley</source>
      <translation>폴리를 만들 수 있음</translation>
    </message>
    <message>
      <source>Waiting</source>
      <translation>대기 중</translation>
    </message>
  </context>
  <context>
    <name>CutSession</name>
    <message>
      <source>Foley is being made; look for media when it is done, or cancel it.</source>
      <translation>폴리를 만드는 중입니다. 끝난 뒤에 미디어를 찾거나 작업을 취소하세요.</translation>
    </message>
    <message>
      <source>Select a clip first, or mark a range with I and O.</source>
      <translation>먼저 클립을 선택하거나 I와 O로 구간을 지정하세요.</translation>
    </message>
    <message>
      <source>The cut's media is still being looked for; try again in a moment.</source>
      <translation>컷의 미디어를 아직 찾는 중입니다. 잠시 후 다시 시도하세요.</translation>
    </message>
    <message>
      <source>The project is open for reading only, since somebody else works on it; when it is closed there, open this timeline again and make foley.</source>
      <translation>다른 사람이 작업 중이라 프로젝트가 읽기 전용으로 열려 있습니다. 그쪽에서 닫으면 이 타임라인을 다시 열고 폴리를 만드세요.</translation>
    </message>
    <message>
      <source>The project of this cut cannot be written, so no foley can be made for it.</source>
      <translation>이 컷의 프로젝트에 저장할 수 없어 폴리를 만들 수 없습니다.</translation>
    </message>
    <message>
      <source>{notice} (1 more notice)</source>
      <translation>{notice} (알림 1건 더 있음)</translation>
    </message>
    <message>
      <source>{notice} ({count} more notices)</source>
      <translation>{notice} (알림 {count}건 더 있음)</translation>
    </message>
  </context>
  <context>
    <name>EmptyState</name>
    <message>
      <source>Foley that hits the picture</source>
      <translation>화면에 꼭 맞는 폴리</translation>
    </message>
    <message>
      <source>Let go to open it</source>
      <translation>놓으면 열립니다</translation>
    </message>
    <message>
      <source>Open a timeline that your editor exported, pick clips, and hear them.
Everything is made on this machine; your timeline is never changed.</source>
      <translation>편집 프로그램에서 내보낸 타임라인을 열고, 클립을 골라 소리를 들어 보세요.
모든 소리는 이 컴퓨터에서 만들어지며, 원본 타임라인은 절대 바뀌지 않습니다.</translation>
    </message>
    <message>
      <source>Open a timeline…</source>
      <translation>타임라인 열기…</translation>
    </message>
    <message>
      <source>Open again</source>
      <translation>최근 타임라인</translation>
    </message>
    <message>
      <source>Open {}</source>
      <translation>{} 열기</translation>
    </message>
    <message>
      <source>Try the demo cut</source>
      <translation>데모 컷 열어 보기</translation>
    </message>
    <message>
      <source>or drop a timeline here</source>
      <translation>또는 타임라인을 여기에 놓으세요</translation>
    </message>
  </context>
  <context>
    <name>EnginePresenter</name>
    <message>
      <source>Engine loading…</source>
      <translation>엔진 불러오는 중…</translation>
    </message>
    <message>
      <source>Engine not started</source>
      <translation>엔진이 시작되지 않음</translation>
    </message>
    <message>
      <source>Engine stopped</source>
      <translation>엔진이 멈춤</translation>
    </message>
  </context>
  <context>
    <name>EngineProcess</name>
    <message>
      <source>The engine did not start; run `foley doctor` to see what is missing.</source>
      <translation>엔진이 시작되지 않았습니다. `foley doctor`를 실행해 무엇이 빠졌는지 확인하세요.</translation>
    </message>
    <message>
      <source>The engine has ended without a result more than once; restart the panel, or run `foley doctor` and read {}.</source>
      <translation>엔진이 결과 없이 여러 번 종료되었습니다. 패널을 다시 시작하거나 `foley doctor`를 실행하고 {}을(를) 확인하세요.</translation>
    </message>
    <message>
      <source>The engine was started again with another model.</source>
      <translation>다른 모델로 엔진을 다시 시작했습니다.</translation>
    </message>
    <message>
      <source>The engine {ended} before it was ready; run `foley doctor` and read {log}.</source>
      <translation>엔진이 {ended}(준비되기 전). `foley doctor`를 실행하고 {log}을(를) 확인하세요.</translation>
    </message>
    <message>
      <source>The engine {ended}. Finished takes are kept; it starts again with the next job. Its log is {log}.</source>
      <translation>엔진이 {ended}. 완성된 테이크는 보존되어 있으며 다음 작업과 함께 다시 시작합니다. 로그: {log}.</translation>
    </message>
    <message>
      <source>The panel is closing; no more foley is made.</source>
      <translation>패널을 닫는 중이라 폴리를 더 만들지 않습니다.</translation>
    </message>
    <message>
      <source>ended with status {}</source>
      <translation>상태 {}(으)로 종료되었습니다</translation>
    </message>
    <message>
      <source>was ended from outside</source>
      <translation>외부에서 종료되었습니다</translation>
    </message>
  </context>
  <context>
    <name>Export</name>
    <message>
      <source>A new folder of broadcast WAVs with timecode, for any DAW.</source>
      <translation>어느 DAW에서나 쓸 수 있는, 타임코드가 든 방송용 WAV 폴더를 새로 만듭니다.</translation>
    </message>
    <message>
      <source>Add the file's ending</source>
      <translation>확장자 붙이기</translation>
    </message>
    <message>
      <source>Any other program – OpenTimelineIO (.otio)</source>
      <translation>그 밖의 프로그램 – OpenTimelineIO(.otio)</translation>
    </message>
    <message>
      <source>Beside them: the cue sheet, the hits as markers, and the levels.</source>
      <translation>함께 저장: 큐 시트, 마커로 된 타격점, 레벨 표.</translation>
    </message>
    <message>
      <source>Bundle with the takes – OpenTimelineIO (.otioz)</source>
      <translation>테이크를 포함한 번들 – OpenTimelineIO(.otioz)</translation>
    </message>
    <message>
      <source>DaVinci Resolve – OpenTimelineIO (.otio)</source>
      <translation>DaVinci Resolve – OpenTimelineIO(.otio)</translation>
    </message>
    <message>
      <source>Error</source>
      <translation>오류</translation>
    </message>
    <message>
      <source>Final Cut Pro – FCPXML (.fcpxml)</source>
      <translation>Final Cut Pro – FCPXML(.fcpxml)</translation>
    </message>
    <message>
      <source>Give the file a name and a whole path.</source>
      <translation>파일 이름과 전체 경로를 입력하세요.</translation>
    </message>
    <message>
      <source>In Final Cut Pro: File &gt; Import &gt; XML.</source>
      <translation>Final Cut Pro에서 파일 &gt; 가져오기 &gt; XML.</translation>
    </message>
    <message>
      <source>In Premiere Pro: File &gt; Import. Its OpenTimelineIO import is young.</source>
      <translation>Premiere Pro에서 파일 &gt; 가져오기. OpenTimelineIO 가져오기는 아직 새 기능입니다.</translation>
    </message>
    <message>
      <source>In Premiere Pro: File &gt; Import. The steadiest way into it.</source>
      <translation>Premiere Pro에서 파일 &gt; 가져오기. 가장 안정적인 방법입니다.</translation>
    </message>
    <message>
      <source>In Pro Tools: File &gt; Import &gt; Session Data. In Media Composer: File &gt; Input.</source>
      <translation>Pro Tools에서는 File &gt; Import &gt; Session Data, Media Composer에서는 File &gt; Input.</translation>
    </message>
    <message>
      <source>In Resolve: File &gt; Import &gt; Timeline. Or fetch only the foley tracks with the Foley script.</source>
      <translation>Resolve에서 파일 &gt; 가져오기 &gt; 타임라인. Foley 스크립트로 폴리 트랙만 가져올 수도 있습니다.</translation>
    </message>
    <message>
      <source>Leave the clip out</source>
      <translation>클립 빼기</translation>
    </message>
    <message>
      <source>Leave the take out</source>
      <translation>테이크 빼기</translation>
    </message>
    <message>
      <source>Match its channels</source>
      <translation>채널 맞추기</translation>
    </message>
    <message>
      <source>Name it by its path</source>
      <translation>경로로 지정하기</translation>
    </message>
    <message>
      <source>Note</source>
      <translation>참고</translation>
    </message>
    <message>
      <source>One file to carry to another machine: the timeline and its takes.</source>
      <translation>다른 컴퓨터로 옮길 파일 하나: 타임라인과 테이크.</translation>
    </message>
    <message>
      <source>Premiere Pro 25.6 and later – OpenTimelineIO (.otio)</source>
      <translation>Premiere Pro 25.6 이상 – OpenTimelineIO(.otio)</translation>
    </message>
    <message>
      <source>Premiere Pro – Final Cut Pro 7 XML (.xml)</source>
      <translation>Premiere Pro – Final Cut Pro 7 XML(.xml)</translation>
    </message>
    <message>
      <source>Pro Tools and Media Composer – AAF (.aaf)</source>
      <translation>Pro Tools, Media Composer – AAF(.aaf)</translation>
    </message>
    <message>
      <source>The takes stay in {} and are played from there.</source>
      <translation>테이크는 {}에 그대로 있으며 거기에서 재생됩니다.</translation>
    </message>
    <message>
      <source>The timeline as it is, with new audio tracks and nothing else.</source>
      <translation>타임라인 그대로에 새 오디오 트랙만 더합니다.</translation>
    </message>
    <message>
      <source>Trim the take</source>
      <translation>테이크 자르기</translation>
    </message>
    <message>
      <source>Trim to its media</source>
      <translation>미디어에 맞춰 자르기</translation>
    </message>
    <message>
      <source>Unlink the clip</source>
      <translation>클립 연결 끊기</translation>
    </message>
    <message>
      <source>WAV files by track for a mix, with cue sheet and hits</source>
      <translation>믹싱용 트랙별 WAV 파일, 큐 시트와 타격점 포함</translation>
    </message>
    <message>
      <source>Warning</source>
      <translation>경고</translation>
    </message>
    <message>
      <source>Write decimal points</source>
      <translation>소수점으로 쓰기</translation>
    </message>
    <message>
      <source>{track}: one take</source>
      <translation>{track}: 테이크 1개</translation>
    </message>
    <message>
      <source>{track}: {count} takes</source>
      <translation>{track}: 테이크 {count}개</translation>
    </message>
    <message>
      <source>{} cannot be written; choose another folder.</source>
      <translation>{}에 저장할 수 없습니다. 다른 폴더를 고르세요.</translation>
    </message>
    <message>
      <source>{} is there already, and nothing is overwritten; choose another name.</source>
      <translation>{}이(가) 이미 있으며 덮어쓰지 않습니다. 다른 이름을 고르세요.</translation>
    </message>
    <message>
      <source>{} itself is not changed.</source>
      <translation>{} 파일 자체는 바뀌지 않습니다.</translation>
    </message>
  </context>
  <context>
    <name>ExportControl</name>
    <message>
      <source>Exported {file}, but its import may stumble over {count} things: {what} {remedy}</source>
      <translation>{file}(으)로 내보냈지만 가져올 때 {count}가지 문제가 생길 수 있습니다. {what} {remedy}</translation>
    </message>
    <message>
      <source>Exported {file}, but its import may stumble: {what} {remedy}</source>
      <translation>{file}(으)로 내보냈지만 가져올 때 문제가 생길 수 있습니다. {what} {remedy}</translation>
    </message>
    <message>
      <source>Exported {}. Import it in your editor; the original timeline is as it was.</source>
      <translation>{}(으)로 내보냈습니다. 편집 프로그램에서 가져오세요. 원본 타임라인은 그대로입니다.</translation>
    </message>
    <message>
      <source>Show the file</source>
      <translation>파일 보기</translation>
    </message>
    <message>
      <source>The cut's media is still being looked for; export it when that is done.</source>
      <translation>컷의 미디어를 아직 찾는 중입니다. 끝나면 내보내세요.</translation>
    </message>
  </context>
  <context>
    <name>ExportDialog</name>
    <message>
      <source>&amp;For</source>
      <translation>대상(&amp;F)</translation>
    </message>
    <message>
      <source>&amp;To</source>
      <translation>위치(&amp;T)</translation>
    </message>
    <message>
      <source>Cancel</source>
      <translation>취소</translation>
    </message>
    <message>
      <source>Choose where to write</source>
      <translation>저장할 위치 선택</translation>
    </message>
    <message>
      <source>Choose…</source>
      <translation>선택…</translation>
    </message>
    <message>
      <source>Export</source>
      <translation>내보내기</translation>
    </message>
    <message>
      <source>Export anyway</source>
      <translation>그대로 내보내기</translation>
    </message>
    <message>
      <source>File to write</source>
      <translation>저장할 파일</translation>
    </message>
    <message>
      <source>In the way of the import: {errors}. Worth knowing: {others}.</source>
      <translation>가져오기를 막는 문제 {errors}건, 참고할 사항 {others}건.</translation>
    </message>
    <message>
      <source>Looking at what the import may stumble over…</source>
      <translation>가져올 때 문제가 될 만한 것을 점검하는 중…</translation>
    </message>
    <message>
      <source>Mend all that can be mended ({})</source>
      <translation>고칠 수 있는 것 모두 고치기({})</translation>
    </message>
    <message>
      <source>Nothing stands in the way of this import.</source>
      <translation>가져오는 데 걸리는 것이 없습니다.</translation>
    </message>
    <message>
      <source>Progress of the export</source>
      <translation>내보내기 진행률</translation>
    </message>
    <message>
      <source>Target</source>
      <translation>대상</translation>
    </message>
    <message>
      <source>There is no take on the timeline to export; generate foley first.</source>
      <translation>타임라인에 내보낼 테이크가 없습니다. 먼저 폴리를 생성하세요.</translation>
    </message>
    <message>
      <source>What went wrong</source>
      <translation>발생한 문제</translation>
    </message>
    <message>
      <source>What will lie where</source>
      <translation>어디에 무엇이 놓이나</translation>
    </message>
    <message>
      <source>Where to write</source>
      <translation>저장할 위치</translation>
    </message>
  </context>
  <context>
    <name>ExportOptionRow</name>
    <message>
      <source>&amp;Sound</source>
      <translation>사운드(&amp;S)</translation>
    </message>
    <message>
      <source>Mono, as made</source>
      <translation>만든 그대로 모노</translation>
    </message>
    <message>
      <source>Put the cut's own media into the file too</source>
      <translation>컷의 원본 미디어도 파일에 넣기</translation>
    </message>
    <message>
      <source>Stems: one WAV a family, from the cut's first frame</source>
      <translation>스템: 계열마다 WAV 하나, 컷의 첫 프레임부터</translation>
    </message>
    <message>
      <source>Stereo width</source>
      <translation>스테레오 폭</translation>
    </message>
    <message>
      <source>Stereo, as wide as the picture</source>
      <translation>스테레오, 화면 폭만큼</translation>
    </message>
    <message>
      <source>Stereo, everything in the middle</source>
      <translation>스테레오, 모두 가운데</translation>
    </message>
    <message>
      <source>Stereo, half as wide as the picture</source>
      <translation>스테레오, 화면 폭의 절반</translation>
    </message>
  </context>
  <context>
    <name>FileControl</name>
    <message>
      <source>Choose a timeline</source>
      <translation>타임라인 선택</translation>
    </message>
    <message>
      <source>Frame rate of the EDL</source>
      <translation>EDL의 프레임 속도</translation>
    </message>
    <message>
      <source>Frames a second of {}:</source>
      <translation>{}의 초당 프레임 수:</translation>
    </message>
    <message>
      <source>Look for media in a folder</source>
      <translation>폴더에서 미디어 찾기</translation>
    </message>
    <message>
      <source>Looking for media in {}…</source>
      <translation>{}에서 미디어 찾는 중…</translation>
    </message>
    <message>
      <source>Looking for the cut's media…</source>
      <translation>컷의 미디어 찾는 중…</translation>
    </message>
    <message>
      <source>Only an EDL leaves its frame rate open; this timeline names its own.</source>
      <translation>프레임 속도를 정하지 않는 것은 EDL뿐입니다. 이 타임라인에는 프레임 속도가 있습니다.</translation>
    </message>
    <message>
      <source>Open a timeline</source>
      <translation>타임라인 열기</translation>
    </message>
    <message>
      <source>Open for reading</source>
      <translation>읽기 전용으로 열기</translation>
    </message>
    <message>
      <source>Reading {}…</source>
      <translation>{} 읽는 중…</translation>
    </message>
    <message>
      <source>{} holds several timelines. Open:</source>
      <translation>{}에 타임라인이 여러 개 있습니다. 열 타임라인:</translation>
    </message>
    <message>
      <source>{} is a folder, not a timeline; drop the timeline first, then the folder, and the clips' media are looked for in it.</source>
      <translation>{}은(는) 타임라인이 아니라 폴더입니다. 타임라인을 먼저 놓고 폴더를 놓으면 그 안에서 클립의 미디어를 찾습니다.</translation>
    </message>
    <message>
      <source>{} is media, not a timeline; lay it on a timeline in your editor, export that as .otio, .xml or .fcpxml, and drop it here.</source>
      <translation>{}은(는) 타임라인이 아니라 미디어입니다. 편집 프로그램에서 타임라인에 올린 다음 .otio, .xml 또는 .fcpxml로 내보내어 여기에 놓으세요.</translation>
    </message>
  </context>
  <context>
    <name>FindingsTable</name>
    <message>
      <source>How bad</source>
      <translation>정도</translation>
    </message>
    <message>
      <source>Mend</source>
      <translation>고치기</translation>
    </message>
    <message>
      <source>What</source>
      <translation>내용</translation>
    </message>
    <message>
      <source>What the preflight found</source>
      <translation>사전 점검 결과</translation>
    </message>
    <message>
      <source>What to do</source>
      <translation>해결 방법</translation>
    </message>
  </context>
  <context>
    <name>FirstRun</name>
    <message>
      <source>Computes</source>
      <translation>연산</translation>
    </message>
    <message>
      <source>Go on</source>
      <translation>계속</translation>
    </message>
    <message>
      <source>Hear it</source>
      <translation>들어 보기</translation>
    </message>
    <message>
      <source>It watches the clips of your cut and makes sounds that hit the picture. Everything happens on this machine, and nothing is sent anywhere.</source>
      <translation>컷의 클립을 보고 화면에 꼭 맞는 소리를 만듭니다. 모든 작업은 이 컴퓨터에서 이루어지며 어디로도 전송되지 않습니다.</translation>
    </message>
    <message>
      <source>Looking at this machine…</source>
      <translation>이 컴퓨터를 살펴보는 중…</translation>
    </message>
    <message>
      <source>Looking for an audio device…</source>
      <translation>오디오 장치를 찾는 중…</translation>
    </message>
    <message>
      <source>Making the sound…</source>
      <translation>소리 만드는 중…</translation>
    </message>
    <message>
      <source>Model</source>
      <translation>모델</translation>
    </message>
    <message>
      <source>Model card</source>
      <translation>모델 카드</translation>
    </message>
    <message>
      <source>No audio device was found; plug one in to hear foley.</source>
      <translation>오디오 장치를 찾지 못했습니다. 소리를 들으려면 장치를 연결하세요.</translation>
    </message>
    <message>
      <source>Open a timeline…</source>
      <translation>타임라인 열기…</translation>
    </message>
    <message>
      <source>Opens the demo cut, makes foley for its first clip, and plays it</source>
      <translation>데모 컷을 열고 첫 클립의 폴리를 만들어 재생합니다</translation>
    </message>
    <message>
      <source>Sound</source>
      <translation>사운드</translation>
    </message>
    <message>
      <source>Welcome to foley</source>
      <translation>foley에 오신 것을 환영합니다</translation>
    </message>
    <message>
      <source>licence {}</source>
      <translation>라이선스 {}</translation>
    </message>
    <message>
      <source>{name}, {megabytes} MB</source>
      <translation>{name}, {megabytes}MB</translation>
    </message>
  </context>
  <context>
    <name>FoleyDesk</name>
    <message>
      <source>Looking for hits</source>
      <translation>타격점 찾는 중</translation>
    </message>
    <message>
      <source>Looking for hits in {} clips</source>
      <translation>클립 {}개에서 타격점 찾는 중</translation>
    </message>
    <message>
      <source>Making foley for {clip}</source>
      <translation>{clip} 폴리 만드는 중</translation>
    </message>
    <message>
      <source>Making foley for {clip}, {count} waiting</source>
      <translation>{clip} 폴리 만드는 중, {count}개 대기 중</translation>
    </message>
    <message>
      <source>{clip}: {reason}</source>
      <translation>{clip}: {reason}</translation>
    </message>
  </context>
  <context>
    <name>HeaderBar</name>
    <message>
      <source>Export timeline…</source>
      <translation>타임라인 내보내기…</translation>
    </message>
    <message>
      <source>Open…</source>
      <translation>열기…</translation>
    </message>
    <message>
      <source>for reading only</source>
      <translation>읽기 전용</translation>
    </message>
    <message>
      <source>{able} of {count} clips ready for foley</source>
      <translation>클립 {count}개 중 {able}개에 폴리를 만들 수 있음</translation>
    </message>
    <message>
      <source>{count} clips, checking their media</source>
      <translation>클립 {count}개, 미디어 확인 중</translation>
    </message>
    <message>
      <source>{} fps</source>
      <translation>{}fps</translation>
    </message>
    <message>
      <source>{} fps, drop-frame</source>
      <translation>{}fps, 드롭 프레임</translation>
    </message>
  </context>
  <context>
    <name>HistoryPresenter</name>
    <message>
      <source>&amp;Redo</source>
      <translation>다시 실행(&amp;R)</translation>
    </message>
    <message>
      <source>&amp;Redo {}</source>
      <translation>다시 실행: {}(&amp;R)</translation>
    </message>
    <message>
      <source>&amp;Undo</source>
      <translation>실행 취소(&amp;U)</translation>
    </message>
    <message>
      <source>&amp;Undo {}</source>
      <translation>실행 취소: {}(&amp;U)</translation>
    </message>
  </context>
  <context>
    <name>HitBook</name>
    <message>
      <source>Nothing is heard in the production sound of “{}”, so that its hits stay as they are.</source>
      <translation>“{}”의 현장음에서 들리는 것이 없어 타격점을 그대로 둡니다.</translation>
    </message>
    <message>
      <source>joining the production sound</source>
      <translation>현장음 타격점 합치기</translation>
    </message>
  </context>
  <context>
    <name>HitCommands</name>
    <message>
      <source>adding a hit</source>
      <translation>타격점 추가</translation>
    </message>
    <message>
      <source>deleting a hit</source>
      <translation>타격점 삭제</translation>
    </message>
    <message>
      <source>deleting {} hits</source>
      <translation>타격점 {}개 삭제</translation>
    </message>
    <message>
      <source>erasing the curve</source>
      <translation>커브 지우기</translation>
    </message>
    <message>
      <source>moving hits</source>
      <translation>타격점 이동</translation>
    </message>
    <message>
      <source>reverting hits</source>
      <translation>타격점 되돌리기</translation>
    </message>
    <message>
      <source>strength of hits</source>
      <translation>타격점 세기</translation>
    </message>
  </context>
  <context>
    <name>HitControl</name>
    <message>
      <source>Add &amp;hit at {}</source>
      <translation>{}에 타격점 추가(&amp;H)</translation>
    </message>
    <message>
      <source>Drag over the selected clip; with Alt, back to what was detected.</source>
      <translation>선택한 클립 위를 끄세요. Alt를 누르면 감지된 값으로 되돌립니다.</translation>
    </message>
    <message>
      <source>No clip at the playhead can have foley, so there is nothing to tap a hit on.</source>
      <translation>재생헤드 위치에 폴리를 만들 수 있는 클립이 없어 타격점을 두드릴 수 없습니다.</translation>
    </message>
    <message>
      <source>Tap along while the cut plays, or where it stands. The hits that are there stay.</source>
      <translation>재생하면서 또는 멈춘 자리에서 두드리세요. 이미 있는 타격점은 남습니다.</translation>
    </message>
    <message>
      <source>The take is made anew, with its own seed, when its hits or its curve were changed.</source>
      <translation>타격점이나 커브를 바꾸면 같은 시드로 테이크를 다시 만듭니다.</translation>
    </message>
    <message>
      <source>What is heard in the clip's own sound joins the hits, and sets the time of those that are seen too.</source>
      <translation>클립의 현장음에서 들리는 타격점을 더하고, 화면에서도 보이는 타격점은 그 시각에 맞춥니다.</translation>
    </message>
  </context>
  <context>
    <name>Hits</name>
    <message>
      <source>Heard in time</source>
      <translation>제때 들림</translation>
    </message>
    <message>
      <source>Heard where no hit is</source>
      <translation>타격점이 없는 곳에서 들림</translation>
    </message>
    <message>
      <source>Heard {} ms early</source>
      <translation>{}ms 일찍 들림</translation>
    </message>
    <message>
      <source>Heard {} ms late</source>
      <translation>{}ms 늦게 들림</translation>
    </message>
    <message>
      <source>Hit as detected, kept, strength {:.0%}</source>
      <translation>감지되어 유지된 타격점, 세기 {:.0%}</translation>
    </message>
    <message>
      <source>Hit as detected, strength {:.0%}</source>
      <translation>감지된 타격점, 세기 {:.0%}</translation>
    </message>
    <message>
      <source>Hit set by hand, strength {:.0%}</source>
      <translation>직접 놓은 타격점, 세기 {:.0%}</translation>
    </message>
    <message>
      <source>Not heard in the take</source>
      <translation>테이크에서 들리지 않음</translation>
    </message>
    <message>
      <source>drawing the curve</source>
      <translation>커브 그리기</translation>
    </message>
    <message>
      <source>moving hits</source>
      <translation>타격점 이동</translation>
    </message>
    <message>
      <source>strength of hits</source>
      <translation>타격점 세기</translation>
    </message>
    <message>
      <source>{} hits selected</source>
      <translation>타격점 {}개 선택됨</translation>
    </message>
  </context>
  <context>
    <name>LanguageControl</name>
    <message>
      <source>As the &amp;system</source>
      <translation>시스템 설정(&amp;S)</translation>
    </message>
    <message>
      <source>The language changes when foley is started the next time.</source>
      <translation>언어는 foley를 다음에 시작할 때 바뀝니다.</translation>
    </message>
  </context>
  <context>
    <name>LevelMeter</name>
    <message>
      <source>Level meter</source>
      <translation>레벨 미터</translation>
    </message>
    <message>
      <source>Peak and loudness of what is heard, in dB; click to put out the light that tells of clipping</source>
      <translation>들리는 소리의 피크와 라우드니스(dB). 클릭하면 클리핑 표시등이 꺼집니다</translation>
    </message>
    <message>
      <source>Peak {} dB</source>
      <translation>피크 {}dB</translation>
    </message>
    <message>
      <source>Peak {} dB, it clipped</source>
      <translation>피크 {}dB, 클리핑됨</translation>
    </message>
  </context>
  <context>
    <name>ListeningControl</name>
    <message>
      <source>Mute {}</source>
      <translation>{} 음소거</translation>
    </message>
    <message>
      <source>Solo {}</source>
      <translation>{} 솔로</translation>
    </message>
  </context>
  <context>
    <name>MainWindow</name>
    <message>
      <source>The panel crashed last time; finished takes are kept. What happened is written in {}.</source>
      <translation>지난번에 패널이 비정상 종료되었습니다. 완성된 테이크는 보존되어 있습니다. 자세한 내용은 {}에 있습니다.</translation>
    </message>
  </context>
  <context>
    <name>MediaProcess</name>
    <message>
      <source>Pictures cannot be shown, because the process that reads media keeps ending; foley can still be made. Run `foley doctor`.</source>
      <translation>미디어를 읽는 프로세스가 계속 종료되어 화면을 표시할 수 없습니다. 폴리는 계속 만들 수 있습니다. `foley doctor`를 실행하세요.</translation>
    </message>
  </context>
  <context>
    <name>Menus</name>
    <message>
      <source>&amp;Appearance</source>
      <translation>모양(&amp;A)</translation>
    </message>
    <message>
      <source>&amp;Clip</source>
      <translation>클립(&amp;C)</translation>
    </message>
    <message>
      <source>&amp;Edit</source>
      <translation>편집(&amp;E)</translation>
    </message>
    <message>
      <source>&amp;File</source>
      <translation>파일(&amp;F)</translation>
    </message>
    <message>
      <source>&amp;Help</source>
      <translation>도움말(&amp;H)</translation>
    </message>
    <message>
      <source>&amp;Language</source>
      <translation>언어(&amp;L)</translation>
    </message>
    <message>
      <source>&amp;Playback</source>
      <translation>재생(&amp;P)</translation>
    </message>
    <message>
      <source>&amp;Take</source>
      <translation>테이크(&amp;T)</translation>
    </message>
    <message>
      <source>&amp;Tracks</source>
      <translation>트랙(&amp;T)</translation>
    </message>
    <message>
      <source>&amp;View</source>
      <translation>보기(&amp;V)</translation>
    </message>
    <message>
      <source>H&amp;its</source>
      <translation>타격점(&amp;I)</translation>
    </message>
    <message>
      <source>Open &amp;recent</source>
      <translation>최근 타임라인 열기(&amp;R)</translation>
    </message>
  </context>
  <context>
    <name>MixControl</name>
    <message>
      <source>The audio device takes no sound; the picture plays on in silence. Check the device.</source>
      <translation>오디오 장치가 소리를 받지 않아 화면만 재생합니다. 장치를 확인하세요.</translation>
    </message>
    <message>
      <source>There is no sound, because PortAudio is not installed; install it (Debian and Ubuntu: apt install libportaudio2) and start foley again.</source>
      <translation>PortAudio가 설치되어 있지 않아 소리가 나지 않습니다. 설치한 다음(Debian, Ubuntu: apt install libportaudio2) foley를 다시 시작하세요.</translation>
    </message>
    <message>
      <source>There is no sound, because the audio device does not open; close what else uses it and play again.</source>
      <translation>오디오 장치가 열리지 않아 소리가 나지 않습니다. 장치를 쓰는 다른 프로그램을 닫고 다시 재생하세요.</translation>
    </message>
    <message>
      <source>There is no sound, because the system has no audio device; connect one and play again.</source>
      <translation>시스템에 오디오 장치가 없어 소리가 나지 않습니다. 장치를 연결하고 다시 재생하세요.</translation>
    </message>
  </context>
  <context>
    <name>ModelControl</name>
    <message>
      <source>Choose a model…</source>
      <translation>모델 선택…</translation>
    </message>
    <message>
      <source>Choose the folder of a model</source>
      <translation>모델 폴더 선택</translation>
    </message>
    <message>
      <source>Jobs are still running or waiting; choose another model when they are done.</source>
      <translation>실행 중이거나 대기 중인 작업이 있습니다. 작업이 끝난 뒤 다른 모델을 고르세요.</translation>
    </message>
    <message>
      <source>Sounds are made by the default model again.</source>
      <translation>이제 다시 기본 모델로 소리를 만듭니다.</translation>
    </message>
    <message>
      <source>Sounds are made by the model {} from now on.</source>
      <translation>이제부터 {} 모델로 소리를 만듭니다.</translation>
    </message>
  </context>
  <context>
    <name>NoticeBar</name>
    <message>
      <source>Close notice</source>
      <translation>알림 닫기</translation>
    </message>
    <message>
      <source>Close this notice</source>
      <translation>이 알림 닫기</translation>
    </message>
    <message>
      <source>Notice</source>
      <translation>알림</translation>
    </message>
    <message>
      <source>What can be done</source>
      <translation>할 수 있는 일</translation>
    </message>
    <message>
      <source>What the notice says</source>
      <translation>알림 내용</translation>
    </message>
  </context>
  <context>
    <name>PlaybackControl</name>
    <message>
      <source>Duration  {}</source>
      <translation>길이  {}</translation>
    </message>
  </context>
  <context>
    <name>QueueControl</name>
    <message>
      <source>A job of last time was interrupted; what was finished is kept.</source>
      <translation>지난번 작업 하나가 중단되었습니다. 완성된 것은 보존되어 있습니다.</translation>
    </message>
    <message>
      <source>A job of {name} was stopped; it is offered when that is opened again.</source>
      <translation>{name}의 작업 하나가 중단되었습니다. 다시 열면 이어서 만들 수 있습니다.</translation>
    </message>
    <message>
      <source>All foley that was asked for is made.</source>
      <translation>요청한 폴리를 모두 만들었습니다.</translation>
    </message>
    <message>
      <source>Make them now</source>
      <translation>지금 만들기</translation>
    </message>
    <message>
      <source>Open it again</source>
      <translation>다시 열기</translation>
    </message>
    <message>
      <source>Paused</source>
      <translation>일시 정지됨</translation>
    </message>
    <message>
      <source>Queue</source>
      <translation>대기열</translation>
    </message>
    <message>
      <source>Queue {}</source>
      <translation>대기열 {}</translation>
    </message>
    <message>
      <source>The queue is done; {} of its jobs failed and can be made again.</source>
      <translation>대기열이 끝났습니다. 작업 {}개가 실패했으며 다시 만들 수 있습니다.</translation>
    </message>
    <message>
      <source>paused</source>
      <translation>일시 정지됨</translation>
    </message>
    <message>
      <source>{count} jobs of {name} were stopped; they are offered when it is opened again.</source>
      <translation>{name}의 작업 {count}개가 중단되었습니다. 다시 열면 이어서 만들 수 있습니다.</translation>
    </message>
    <message>
      <source>{} jobs of last time were interrupted; what was finished is kept.</source>
      <translation>지난번 작업 {}개가 중단되었습니다. 완성된 것은 보존되어 있습니다.</translation>
    </message>
    <message>
      <source>{} to make</source>
      <translation>{}개 남음</translation>
    </message>
  </context>
  <context>
    <name>QueueModel</name>
    <message>
      <source>Cancelled</source>
      <translation>취소됨</translation>
    </message>
    <message>
      <source>Failed</source>
      <translation>실패</translation>
    </message>
    <message>
      <source>From the picture</source>
      <translation>화면에 맡김</translation>
    </message>
    <message>
      <source>Interrupted</source>
      <translation>중단됨</translation>
    </message>
    <message>
      <source>Made</source>
      <translation>완료</translation>
    </message>
    <message>
      <source>Waiting</source>
      <translation>대기 중</translation>
    </message>
    <message>
      <source>{:.0%}</source>
      <translation>{:.0%}</translation>
    </message>
    <message>
      <source>{:.1f} h left</source>
      <translation>{:.1f}시간 남음</translation>
    </message>
    <message>
      <source>{} min left</source>
      <translation>{}분 남음</translation>
    </message>
    <message>
      <source>{} s left</source>
      <translation>{}초 남음</translation>
    </message>
    <message>
      <source>{}, {} takes</source>
      <translation>{}, 테이크 {}개</translation>
    </message>
    <message>
      <source>{}: {}, {}</source>
      <translation>{}: {}, {}</translation>
    </message>
  </context>
  <context>
    <name>QueuePage</name>
    <message>
      <source>Again</source>
      <translation>다시</translation>
    </message>
    <message>
      <source>Cancel</source>
      <translation>취소</translation>
    </message>
    <message>
      <source>Cancel the selected jobs, or take them off this list (Del)</source>
      <translation>선택한 작업을 취소하거나 목록에서 뺍니다(Del)</translation>
    </message>
    <message>
      <source>Go on</source>
      <translation>계속</translation>
    </message>
    <message>
      <source>Make the selected jobs that failed or were cancelled again (R)</source>
      <translation>선택한 작업 중 실패하거나 취소된 것을 다시 만듭니다(R)</translation>
    </message>
    <message>
      <source>Nothing waits. Select clips and press G to make foley for them.</source>
      <translation>대기 중인 작업이 없습니다. 클립을 선택하고 G를 눌러 폴리를 만드세요.</translation>
    </message>
    <message>
      <source>Pause</source>
      <translation>일시 정지</translation>
    </message>
    <message>
      <source>Remove</source>
      <translation>제거</translation>
    </message>
    <message>
      <source>What runs is made to its end; nothing else begins until you go on</source>
      <translation>진행 중인 작업은 끝까지 하고, 계속할 때까지 다음 작업은 시작하지 않습니다</translation>
    </message>
  </context>
  <context>
    <name>QueueView</name>
    <message>
      <source>Cancel or remove	Del</source>
      <translation>취소 또는 제거	Del</translation>
    </message>
    <message>
      <source>Delete cancels a job, Alt with the arrows moves it, R makes it again, Enter shows its clip</source>
      <translation>Delete로 작업 취소, Alt와 화살표로 옮기기, R로 다시 만들기, Enter로 클립 보기</translation>
    </message>
    <message>
      <source>Earlier	Alt+Up</source>
      <translation>앞으로	Alt+Up</translation>
    </message>
    <message>
      <source>Jobs</source>
      <translation>작업</translation>
    </message>
    <message>
      <source>Later	Alt+Down</source>
      <translation>뒤로	Alt+Down</translation>
    </message>
    <message>
      <source>Make again	R</source>
      <translation>다시 만들기	R</translation>
    </message>
    <message>
      <source>Remove all that are over</source>
      <translation>끝난 작업 모두 제거</translation>
    </message>
    <message>
      <source>Show the clip	Enter</source>
      <translation>클립 보기	Enter</translation>
    </message>
  </context>
  <context>
    <name>RecentFiles</name>
    <message>
      <source>No timeline was opened yet</source>
      <translation>아직 연 타임라인이 없습니다</translation>
    </message>
  </context>
  <context>
    <name>SamplingFields</name>
    <message>
      <source>A picture that stands still</source>
      <translation>멈춘 화면</translation>
    </message>
    <message>
      <source>As trained</source>
      <translation>학습된 대로</translation>
    </message>
    <message>
      <source>Barely</source>
      <translation>거의 따르지 않음</translation>
    </message>
    <message>
      <source>Calm</source>
      <translation>차분하게</translation>
    </message>
    <message>
      <source>Closely</source>
      <translation>충실하게</translation>
    </message>
    <message>
      <source>Even</source>
      <translation>고르게</translation>
    </message>
    <message>
      <source>Follows the picture</source>
      <translation>화면을 따르는 정도</translation>
    </message>
    <message>
      <source>How freely a take is drawn (temperature {})</source>
      <translation>테이크를 얼마나 자유롭게 뽑는지(온도 {})</translation>
    </message>
    <message>
      <source>How strictly a take keeps to picture and sound (guidance scale {})</source>
      <translation>테이크가 화면과 사운드를 얼마나 엄격히 따르는지(가이던스 {})</translation>
    </message>
    <message>
      <source>Leads away from</source>
      <translation>멀어질 기준</translation>
    </message>
    <message>
      <source>Lively</source>
      <translation>생동감 있게</translation>
    </message>
    <message>
      <source>Loosely</source>
      <translation>느슨하게</translation>
    </message>
    <message>
      <source>No picture at all</source>
      <translation>화면 없음</translation>
    </message>
    <message>
      <source>Several</source>
      <translation>여러 가지</translation>
    </message>
    <message>
      <source>Tightly</source>
      <translation>빈틈없이</translation>
    </message>
    <message>
      <source>Variety</source>
      <translation>변화</translation>
    </message>
    <message>
      <source>What guidance leads away from (guide_against: null or held). Away from a picture that stands still, hits follow what moves.</source>
      <translation>가이던스가 멀어질 기준(guide_against: null 또는 held). 멈춘 화면에서 멀어지게 하면 타격점이 움직임을 따릅니다.</translation>
    </message>
    <message>
      <source>Wild</source>
      <translation>거칠게</translation>
    </message>
  </context>
  <context>
    <name>ShortcutsDialog</name>
    <message>
      <source>All as they were</source>
      <translation>모두 원래대로</translation>
    </message>
    <message>
      <source>As it was</source>
      <translation>원래대로</translation>
    </message>
    <message>
      <source>Click the field, then press the keys.</source>
      <translation>입력란을 클릭한 다음 키를 누르세요.</translation>
    </message>
    <message>
      <source>Close</source>
      <translation>닫기</translation>
    </message>
    <message>
      <source>Command</source>
      <translation>명령</translation>
    </message>
    <message>
      <source>Commands and their keys</source>
      <translation>명령과 단축키</translation>
    </message>
    <message>
      <source>Keyboard shortcuts</source>
      <translation>키보드 단축키</translation>
    </message>
    <message>
      <source>Keys</source>
      <translation>키</translation>
    </message>
    <message>
      <source>Menu</source>
      <translation>메뉴</translation>
    </message>
    <message>
      <source>Press the new keys</source>
      <translation>새 키를 누르세요</translation>
    </message>
    <message>
      <source>Search for a command or a key</source>
      <translation>명령이나 키 검색</translation>
    </message>
    <message>
      <source>Set</source>
      <translation>지정</translation>
    </message>
    <message>
      <source>Take it from there</source>
      <translation>가져오기</translation>
    </message>
    <message>
      <source>Who has these keys</source>
      <translation>이 키를 쓰는 명령</translation>
    </message>
    <message>
      <source>Without keys</source>
      <translation>키 없음</translation>
    </message>
    <message>
      <source>{keys} is used by “{command}”, which would lose it.</source>
      <translation>{keys} 키는 “{command}”에서 쓰고 있으며, 가져오면 그 명령에서 빠집니다.</translation>
    </message>
    <message>
      <source>{} (changed)</source>
      <translation>{} (바뀜)</translation>
    </message>
  </context>
  <context>
    <name>SidePanel</name>
    <message>
      <source>Generate foley</source>
      <translation>폴리 생성</translation>
    </message>
  </context>
  <context>
    <name>SoundBook</name>
    <message>
      <source>choice of sound</source>
      <translation>소리 선택</translation>
    </message>
  </context>
  <context>
    <name>SoundControl</name>
    <message>
      <source>A name for these settings:</source>
      <translation>이 설정의 이름:</translation>
    </message>
    <message>
      <source>Delete the cast “{}”</source>
      <translation>캐스트 “{}” 삭제</translation>
    </message>
    <message>
      <source>Each clip follows its own picture.</source>
      <translation>클립마다 제 화면을 따릅니다.</translation>
    </message>
    <message>
      <source>Looking at the pictures…</source>
      <translation>화면을 살펴보는 중…</translation>
    </message>
    <message>
      <source>Looking at the picture…</source>
      <translation>화면을 살펴보는 중…</translation>
    </message>
    <message>
      <source>Save as cast</source>
      <translation>캐스트로 저장</translation>
    </message>
    <message>
      <source>Save as preset</source>
      <translation>프리셋으로 저장</translation>
    </message>
    <message>
      <source>Save the cast “{}”</source>
      <translation>캐스트 “{}” 저장</translation>
    </message>
    <message>
      <source>Select a take, or a clip that has one, to save its sound as a cast.</source>
      <translation>테이크나 테이크가 있는 클립을 선택하면 그 소리를 캐스트로 저장할 수 있습니다.</translation>
    </message>
    <message>
      <source>The cast that this take went on from is not in this project any more; save the take as a cast to go on from it.</source>
      <translation>이 테이크가 이어 간 캐스트가 이 프로젝트에 더 이상 없습니다. 이어 가려면 이 테이크를 캐스트로 저장하세요.</translation>
    </message>
    <message>
      <source>The model knows no sound “{}”; choose one from the list, or take it from the picture.</source>
      <translation>모델이 모르는 소리입니다: “{}”. 목록에서 고르거나 화면에 맡기세요.</translation>
    </message>
    <message>
      <source>There is a cast “{}” already. Save this one in its place?</source>
      <translation>캐스트 “{}”이(가) 이미 있습니다. 이것으로 바꿀까요?</translation>
    </message>
    <message>
      <source>There is no cast “{}” in this project; choose another sound from the list.</source>
      <translation>이 프로젝트에 캐스트 “{}”이(가) 없습니다. 목록에서 다른 소리를 고르세요.</translation>
    </message>
    <message>
      <source>Whose sound is it? Such as “Anna, boots, gravel”</source>
      <translation>누구의 소리인가요? 예: “안나, 부츠, 자갈길”</translation>
    </message>
    <message>
      <source>{clip} and {count} more: {reason}</source>
      <translation>{clip} 외 {count}개: {reason}</translation>
    </message>
    <message>
      <source>{clip}: {reason}</source>
      <translation>{clip}: {reason}</translation>
    </message>
    <message>
      <source>“{}” can be chosen for any clip of this project now, under Casts.</source>
      <translation>이제 이 프로젝트의 어느 클립에서나 캐스트에서 “{}”을(를) 고를 수 있습니다.</translation>
    </message>
  </context>
  <context>
    <name>SoundForm</name>
    <message>
      <source>A clip goes on from one cast; take the other one away first to add “{}”.</source>
      <translation>클립 하나는 캐스트 하나만 이어 갑니다. 다른 캐스트를 먼저 빼야 “{}”을(를) 더할 수 있습니다.</translation>
    </message>
    <message>
      <source>A new one each time, or the same again: the same seed, sound and picture give the same take</source>
      <translation>매번 새로 뽑거나 같은 것을 다시: 시드, 사운드, 화면이 같으면 같은 테이크가 나옵니다</translation>
    </message>
    <message>
      <source>But not</source>
      <translation>제외</translation>
    </message>
    <message>
      <source>But not, in words</source>
      <translation>제외할 것을 말로</translation>
    </message>
    <message>
      <source>Casts</source>
      <translation>캐스트</translation>
    </message>
    <message>
      <source>Delete a preset</source>
      <translation>프리셋 삭제</translation>
    </message>
    <message>
      <source>From the picture</source>
      <translation>화면에 맡김</translation>
    </message>
    <message>
      <source>How many takes to make, each with a seed of its own</source>
      <translation>만들 테이크 수. 테이크마다 시드가 다릅니다</translation>
    </message>
    <message>
      <source>In words</source>
      <translation>말로 설명</translation>
    </message>
    <message>
      <source>More</source>
      <translation>더 보기</translation>
    </message>
    <message>
      <source>More about how the sound is made</source>
      <translation>소리를 만드는 방법 더 보기</translation>
    </message>
    <message>
      <source>New</source>
      <translation>새로</translation>
    </message>
    <message>
      <source>No presets yet</source>
      <translation>아직 프리셋 없음</translation>
    </message>
    <message>
      <source>No sound is called so. While the model loads, its sounds are not known yet.</source>
      <translation>그런 이름의 사운드가 없습니다. 모델을 불러오는 동안에는 사운드 목록을 알 수 없습니다.</translation>
    </message>
    <message>
      <source>Nothing</source>
      <translation>없음</translation>
    </message>
    <message>
      <source>Number of takes</source>
      <translation>테이크 수</translation>
    </message>
    <message>
      <source>Presets</source>
      <translation>프리셋</translation>
    </message>
    <message>
      <source>Presets of what makes the sound</source>
      <translation>소리를 내는 것의 프리셋</translation>
    </message>
    <message>
      <source>Save these settings as a preset…</source>
      <translation>이 설정을 프리셋으로 저장…</translation>
    </message>
    <message>
      <source>Seed</source>
      <translation>시드</translation>
    </message>
    <message>
      <source>Several</source>
      <translation>여러 가지</translation>
    </message>
    <message>
      <source>Several sounds</source>
      <translation>여러 사운드</translation>
    </message>
    <message>
      <source>Sound</source>
      <translation>사운드</translation>
    </message>
    <message>
      <source>Suggested by the picture</source>
      <translation>화면에서 추천</translation>
    </message>
    <message>
      <source>Takes</source>
      <translation>테이크</translation>
    </message>
    <message>
      <source>The picture suggests nothing</source>
      <translation>화면에서 추천할 것이 없음</translation>
    </message>
    <message>
      <source>What makes the sound</source>
      <translation>소리를 내는 것</translation>
    </message>
    <message>
      <source>{} (missing)</source>
      <translation>{} (없음)</translation>
    </message>
  </context>
  <context>
    <name>SoundList</name>
    <message>
      <source>, chosen</source>
      <translation>, 선택됨</translation>
    </message>
  </context>
  <context>
    <name>SoundPopup</name>
    <message>
      <source>Enter takes it · Ctrl+Enter adds a layer</source>
      <translation>Enter로 고르기 · Ctrl+Enter로 레이어 추가</translation>
    </message>
    <message>
      <source>Enter takes it · Del deletes it</source>
      <translation>Enter로 고르기 · Del로 삭제</translation>
    </message>
    <message>
      <source>Search sounds</source>
      <translation>사운드 검색</translation>
    </message>
    <message>
      <source>Sounds</source>
      <translation>사운드</translation>
    </message>
  </context>
  <context>
    <name>SpotControl</name>
    <message>
      <source>Export cue sheet</source>
      <translation>큐 시트 내보내기</translation>
    </message>
    <message>
      <source>Note on {}</source>
      <translation>{} 메모</translation>
    </message>
    <message>
      <source>Show the folder</source>
      <translation>폴더 보기</translation>
    </message>
    <message>
      <source>Spot list</source>
      <translation>스포팅 목록</translation>
    </message>
    <message>
      <source>Table (*.csv);;Page to print (*.html)</source>
      <translation>표 (*.csv);;인쇄용 페이지 (*.html)</translation>
    </message>
    <message>
      <source>The model knows no sound “{}”; choose one from its list, or leave the field empty.</source>
      <translation>모델이 모르는 소리입니다: “{}”. 목록에서 고르거나 칸을 비워 두세요.</translation>
    </message>
    <message>
      <source>The project of this cut cannot be written, so no note can be kept.</source>
      <translation>이 컷의 프로젝트에 저장할 수 없어 메모를 남길 수 없습니다.</translation>
    </message>
    <message>
      <source>Wrote the cue sheet {}.</source>
      <translation>큐 시트 {}을(를) 저장했습니다.</translation>
    </message>
  </context>
  <context>
    <name>SpotModel</name>
    <message>
      <source>Clip</source>
      <translation>클립</translation>
    </message>
    <message>
      <source>From the picture</source>
      <translation>화면에 맡김</translation>
    </message>
    <message>
      <source>From the picture: {}</source>
      <translation>화면에 맡김: {}</translation>
    </message>
    <message>
      <source>Hits</source>
      <translation>타격점</translation>
    </message>
    <message>
      <source>In</source>
      <translation>인</translation>
    </message>
    <message>
      <source>Length</source>
      <translation>길이</translation>
    </message>
    <message>
      <source>Nobody has looked for hits yet: press H</source>
      <translation>아직 타격점을 찾지 않음: H를 누르세요</translation>
    </message>
    <message>
      <source>Note</source>
      <translation>메모</translation>
    </message>
    <message>
      <source>Nothing any more</source>
      <translation>더 이상 없음</translation>
    </message>
    <message>
      <source>Out</source>
      <translation>아웃</translation>
    </message>
    <message>
      <source>Sound</source>
      <translation>사운드</translation>
    </message>
    <message>
      <source>State</source>
      <translation>상태</translation>
    </message>
    <message>
      <source>Take</source>
      <translation>테이크</translation>
    </message>
    <message>
      <source>Track</source>
      <translation>트랙</translation>
    </message>
    <message>
      <source>none</source>
      <translation>없음</translation>
    </message>
    <message>
      <source>{:.2f} s</source>
      <translation>{:.2f}초</translation>
    </message>
    <message>
      <source>{} made, none on the timeline</source>
      <translation>{}개 만듦, 타임라인에는 없음</translation>
    </message>
    <message>
      <source>{}, seed {}; {} takes in all</source>
      <translation>{}, 시드 {}, 테이크 모두 {}개</translation>
    </message>
  </context>
  <context>
    <name>SpotTable</name>
    <message>
      <source>F2 edits sound and note, Enter moves the playhead to the cue</source>
      <translation>F2로 사운드와 메모 편집, Enter로 재생헤드를 큐로 옮기기</translation>
    </message>
    <message>
      <source>Spot list</source>
      <translation>스포팅 목록</translation>
    </message>
  </context>
  <context>
    <name>SpotTools</name>
    <message>
      <source>Export cue sheet…</source>
      <translation>큐 시트 내보내기…</translation>
    </message>
    <message>
      <source>Filter</source>
      <translation>필터</translation>
    </message>
    <message>
      <source>Filter the spot list</source>
      <translation>스포팅 목록 필터</translation>
    </message>
    <message>
      <source>Write the cues that have a take as a table or as a page to print</source>
      <translation>테이크가 있는 큐를 표나 인쇄용 페이지로 저장합니다</translation>
    </message>
    <message>
      <source>{} cues</source>
      <translation>큐 {}개</translation>
    </message>
    <message>
      <source>{} of {} cues</source>
      <translation>큐 {}/{}개</translation>
    </message>
  </context>
  <context>
    <name>StatusStrip</name>
    <message>
      <source>Cancel</source>
      <translation>취소</translation>
    </message>
    <message>
      <source>Progress of the running job</source>
      <translation>진행 중인 작업의 진행률</translation>
    </message>
    <message>
      <source>Stop the running job and those behind it; finished takes stay (Shift+Esc)</source>
      <translation>진행 중인 작업과 대기 중인 작업을 멈춥니다. 완성된 테이크는 남습니다(Shift+Esc)</translation>
    </message>
  </context>
  <context>
    <name>SuggestionRow</name>
    <message>
      <source>Find the hits and guess what makes the sound, without making any (H)</source>
      <translation>소리를 만들지 않고 타격점을 찾고 소리를 내는 것을 추측합니다(H)</translation>
    </message>
    <message>
      <source>Look at the picture</source>
      <translation>화면 살펴보기</translation>
    </message>
    <message>
      <source>Look at the pictures</source>
      <translation>화면 살펴보기</translation>
    </message>
    <message>
      <source>Suggested by the picture: {}, {:.0%} sure</source>
      <translation>화면에서 추천: {}, 확신 {:.0%}</translation>
    </message>
  </context>
  <context>
    <name>TakeCommands</name>
    <message>
      <source>The recipe of this take is on the clipboard.</source>
      <translation>이 테이크의 레시피를 클립보드에 복사했습니다.</translation>
    </message>
  </context>
  <context>
    <name>TakeControl</name>
    <message>
      <source>No takes yet.</source>
      <translation>아직 테이크가 없습니다.</translation>
    </message>
    <message>
      <source>Select one clip to see its takes.</source>
      <translation>클립을 하나 선택하면 테이크가 보입니다.</translation>
    </message>
    <message>
      <source>There is nothing to compare with; put another take on the timeline first, or mark one.</source>
      <translation>비교할 것이 없습니다. 먼저 다른 테이크를 타임라인에 놓거나 즐겨찾기로 표시하세요.</translation>
    </message>
  </context>
  <context>
    <name>TakeEdits</name>
    <message>
      <source>choice of take</source>
      <translation>테이크 선택</translation>
    </message>
    <message>
      <source>favourite</source>
      <translation>즐겨찾기</translation>
    </message>
    <message>
      <source>generating</source>
      <translation>생성</translation>
    </message>
    <message>
      <source>moving to the trash</source>
      <translation>휴지통으로 옮기기</translation>
    </message>
    <message>
      <source>rename</source>
      <translation>이름 바꾸기</translation>
    </message>
    <message>
      <source>restoring</source>
      <translation>복원</translation>
    </message>
    <message>
      <source>slip</source>
      <translation>슬립</translation>
    </message>
    <message>
      <source>taking off</source>
      <translation>타임라인에서 빼기</translation>
    </message>
  </context>
  <context>
    <name>TakeLanePainter</name>
    <message>
      <source>Name of the take</source>
      <translation>테이크 이름</translation>
    </message>
    <message>
      <source>heard now</source>
      <translation>지금 들림</translation>
    </message>
  </context>
  <context>
    <name>TakeLanes</name>
    <message>
      <source>Takes</source>
      <translation>테이크</translation>
    </message>
    <message>
      <source>Takes ({})</source>
      <translation>테이크({})</translation>
    </message>
  </context>
  <context>
    <name>TakeListModel</name>
    <message>
      <source>Press {} to hear it on the timeline; drag it out to copy its WAV</source>
      <translation>{} 키를 누르면 타임라인에서 들립니다. 밖으로 끌면 WAV가 복사됩니다</translation>
    </message>
    <message>
      <source>Take {}</source>
      <translation>테이크 {}</translation>
    </message>
    <message>
      <source>favourite</source>
      <translation>즐겨찾기</translation>
    </message>
    <message>
      <source>in the trash</source>
      <translation>휴지통에 있음</translation>
    </message>
    <message>
      <source>on the timeline</source>
      <translation>타임라인에 있음</translation>
    </message>
    <message>
      <source>rank {}</source>
      <translation>{}위</translation>
    </message>
    <message>
      <source>slipped {:+.2f} frames</source>
      <translation>슬립 {:+.2f}프레임</translation>
    </message>
    <message>
      <source>slipped {:+d} frames</source>
      <translation>슬립 {:+d}프레임</translation>
    </message>
    <message>
      <source>sync {:.2f}</source>
      <translation>싱크 {:.2f}</translation>
    </message>
    <message>
      <source>sync {:.2f}, on time</source>
      <translation>싱크 {:.2f}, 정확함</translation>
    </message>
    <message>
      <source>sync {:.2f}, {} ms early</source>
      <translation>싱크 {:.2f}, {}ms 빠름</translation>
    </message>
    <message>
      <source>sync {:.2f}, {} ms late</source>
      <translation>싱크 {:.2f}, {}ms 늦음</translation>
    </message>
  </context>
  <context>
    <name>TakeListView</name>
    <message>
      <source>Takes of this clip</source>
      <translation>이 클립의 테이크</translation>
    </message>
  </context>
  <context>
    <name>TimecodeField</name>
    <message>
      <source>Click, or press =, and type where to go: 01:00:10:05, or 1005 for ten seconds and five frames of this minute, or +10 or -1:00 to go on or back from here</source>
      <translation>클릭하거나 =를 누르고 이동할 위치를 입력하세요. 01:00:10:05, 또는 이 분의 10초 5프레임이면 1005, 여기에서 앞뒤로 가려면 +10이나 -1:00</translation>
    </message>
    <message>
      <source>Playhead timecode</source>
      <translation>재생헤드 타임코드</translation>
    </message>
  </context>
  <context>
    <name>Timeline</name>
    <message>
      <source>Foley lands here: select a clip and press G</source>
      <translation>폴리가 놓이는 곳: 클립을 선택하고 G를 누르세요</translation>
    </message>
  </context>
  <context>
    <name>TimelinePanel</name>
    <message>
      <source>Scroll through the time</source>
      <translation>시간 방향 스크롤</translation>
    </message>
    <message>
      <source>Scroll through the tracks</source>
      <translation>트랙 방향 스크롤</translation>
    </message>
    <message>
      <source>Zoom</source>
      <translation>확대/축소</translation>
    </message>
  </context>
  <context>
    <name>TimelineView</name>
    <message>
      <source>Click to move the playhead; hold Shift and drag to mark a range</source>
      <translation>클릭하면 재생헤드가 옮겨지고, Shift를 누른 채 끌면 구간이 지정됩니다</translation>
    </message>
    <message>
      <source>Its speed is changed, so it is not heard here</source>
      <translation>속도가 바뀌어 여기서는 들리지 않습니다</translation>
    </message>
    <message>
      <source>Mute {}</source>
      <translation>{} 음소거</translation>
    </message>
    <message>
      <source>Solo {}</source>
      <translation>{} 솔로</translation>
    </message>
    <message>
      <source>Timeline</source>
      <translation>타임라인</translation>
    </message>
  </context>
  <context>
    <name>Told</name>
    <message>
      <source>A cast needs a name, such as “Anna, boots, gravel”</source>
      <translation>캐스트에 이름이 필요합니다(예: “안나, 부츠, 자갈길”)</translation>
    </message>
    <message>
      <source>A take of less than a second is too short to cast</source>
      <translation>1초 미만의 테이크는 캐스트로 쓰기에 너무 짧습니다</translation>
    </message>
    <message>
      <source>Bring it back or generate it anew, or leave it out</source>
      <translation>되돌려 놓거나 새로 생성하거나, 빼세요</translation>
    </message>
    <message>
      <source>Bring only the foley tracks into your own timeline, or put it back after the import</source>
      <translation>폴리 트랙만 원래 타임라인으로 가져오거나, 가져온 뒤 다시 넣으세요</translation>
    </message>
    <message>
      <source>Bring the file back or relink it, or leave the clip out of the written copy</source>
      <translation>파일을 되돌려 놓거나 다시 연결하거나, 내보내는 사본에서 클립을 빼세요</translation>
    </message>
    <message>
      <source>Bring the file back, or relink it after the import</source>
      <translation>파일을 되돌려 놓거나 가져온 뒤 다시 연결하세요</translation>
    </message>
    <message>
      <source>Call it {name}</source>
      <translation>이름을 {name}(으)로 하세요</translation>
    </message>
    <message>
      <source>Check that the file is there where you import</source>
      <translation>가져올 컴퓨터에 그 파일이 있는지 확인하세요</translation>
    </message>
    <message>
      <source>Check the first import by eye and ear</source>
      <translation>처음 가져올 때 눈과 귀로 확인하세요</translation>
    </message>
    <message>
      <source>Clip {}</source>
      <translation>클립 {}</translation>
    </message>
    <message>
      <source>Cut its in-point to the media</source>
      <translation>인 지점을 미디어에 맞추세요</translation>
    </message>
    <message>
      <source>Cut its out-point to the media</source>
      <translation>아웃 지점을 미디어에 맞추세요</translation>
    </message>
    <message>
      <source>Cut its range to the file</source>
      <translation>구간을 파일에 맞추세요</translation>
    </message>
    <message>
      <source>Every take of this job for “{clip}” is there already</source>
      <translation>“{clip}”에 대한 이 작업의 테이크가 모두 이미 있습니다</translation>
    </message>
    <message>
      <source>Keep your own compound clip, and bring in only the foley tracks</source>
      <translation>원래 컴파운드 클립을 두고 폴리 트랙만 가져오세요</translation>
    </message>
    <message>
      <source>Lay it on a track of {count}</source>
      <translation>{count}채널 트랙에 놓으세요</translation>
    </message>
    <message>
      <source>Link the clips again after the import</source>
      <translation>가져온 뒤 클립을 다시 연결하세요</translation>
    </message>
    <message>
      <source>Name it by its absolute path</source>
      <translation>절대 경로로 지정하세요</translation>
    </message>
    <message>
      <source>Name it by its plain path</source>
      <translation>일반 경로로 지정하세요</translation>
    </message>
    <message>
      <source>Neither {folder} nor {home} can be written</source>
      <translation>{folder}에도 {home}에도 저장할 수 없습니다</translation>
    </message>
    <message>
      <source>No part of {take} lies there</source>
      <translation>그 위치에는 {take}이(가) 없습니다</translation>
    </message>
    <message>
      <source>Put it back after the import</source>
      <translation>가져온 뒤 다시 넣으세요</translation>
    </message>
    <message>
      <source>Rename the file or its folder and relink the clip</source>
      <translation>파일이나 폴더의 이름을 바꾸고 클립을 다시 연결하세요</translation>
    </message>
    <message>
      <source>Render the retimed clip in your editor and use the file, or set its speed again after the import</source>
      <translation>편집 프로그램에서 리타임한 클립을 렌더링해 그 파일을 쓰거나, 가져온 뒤 속도를 다시 정하세요</translation>
    </message>
    <message>
      <source>Take it out of the cut, or leave it out of the written copy</source>
      <translation>컷에서 빼거나, 내보내는 사본에서 빼세요</translation>
    </message>
    <message>
      <source>Take it out of the group, or put the clip that it was linked to back</source>
      <translation>그룹에서 빼거나, 연결되어 있던 클립을 되돌려 놓으세요</translation>
    </message>
    <message>
      <source>The AAF is read back by two readers in the tests, and was not opened in Pro Tools or Media Composer</source>
      <translation>AAF는 테스트에서 두 가지 읽기 도구로 확인했으며 Pro Tools나 Media Composer에서 열어 보지는 않았습니다</translation>
    </message>
    <message>
      <source>The OTIO import of Premiere Pro is unproven here; Final Cut Pro 7 XML is the steadier way into it</source>
      <translation>Premiere Pro의 OTIO 가져오기는 여기서 검증되지 않았습니다. Final Cut Pro 7 XML이 더 안정적입니다</translation>
    </message>
    <message>
      <source>The WAV of the take {take} is not there</source>
      <translation>{take} 테이크의 WAV가 없습니다</translation>
    </message>
    <message>
      <source>The WAV {take}, which this take is made from, is not in {folder}</source>
      <translation>이 테이크의 원본 WAV {take}이(가) {folder}에 없습니다</translation>
    </message>
    <message>
      <source>The model in {folder} lacks its file {file}</source>
      <translation>{folder}의 모델에 {file} 파일이 없습니다</translation>
    </message>
    <message>
      <source>The nest “{name}” on {track} is laid out as the clips in it</source>
      <translation>{track}의 네스트 “{name}”이(가) 안에 든 클립들로 풀립니다</translation>
    </message>
    <message>
      <source>The project folder {folder} cannot be made ({why})</source>
      <translation>프로젝트 폴더 {folder}을(를) 만들 수 없습니다({why})</translation>
    </message>
    <message>
      <source>The project folder {folder} cannot be written ({why})</source>
      <translation>프로젝트 폴더 {folder}에 저장할 수 없습니다({why})</translation>
    </message>
    <message>
      <source>The project {folder} could not be written ({why})</source>
      <translation>{folder} 프로젝트에 저장하지 못했습니다({why})</translation>
    </message>
    <message>
      <source>The project {folder} is in use by {user} on {host} since {since} (process {number})</source>
      <translation>{folder} 프로젝트를 {host}의 {user} 사용자가 {since}부터 쓰고 있습니다(프로세스 {number})</translation>
    </message>
    <message>
      <source>The project {folder} is open for reading only</source>
      <translation>{folder} 프로젝트가 읽기 전용으로 열려 있습니다</translation>
    </message>
    <message>
      <source>The range ends at {end}, before it begins at {start}</source>
      <translation>구간이 시작({start})보다 앞선 {end}에서 끝납니다</translation>
    </message>
    <message>
      <source>The selected range holds no picture</source>
      <translation>선택한 구간에 화면이 없습니다</translation>
    </message>
    <message>
      <source>The settings could not be saved in {folder} ({why})</source>
      <translation>설정을 {folder}에 저장하지 못했습니다({why})</translation>
    </message>
    <message>
      <source>The take {take} has {count} channels where its track expects {wanted}</source>
      <translation>{take} 테이크는 {count}채널인데 트랙은 {wanted}채널입니다</translation>
    </message>
    <message>
      <source>The take {take} is missing or unreadable</source>
      <translation>{take} 테이크가 없거나 읽을 수 없습니다</translation>
    </message>
    <message>
      <source>The take {take} is shorter than its place asks for</source>
      <translation>{take} 테이크가 놓일 자리보다 짧습니다</translation>
    </message>
    <message>
      <source>The take {take} was made by an earlier version, which kept no tokens</source>
      <translation>{take} 테이크는 토큰을 보관하지 않던 이전 버전에서 만들어졌습니다</translation>
    </message>
    <message>
      <source>The timeline has times written without a decimal point, which the import does not read</source>
      <translation>타임라인에 소수점 없이 쓴 시간이 있어 가져올 때 읽지 못합니다</translation>
    </message>
    <message>
      <source>The timeline {file} cannot be opened ({why})</source>
      <translation>{file} 타임라인을 열 수 없습니다({why})</translation>
    </message>
    <message>
      <source>The transition “{name}” on {track} becomes a cut</source>
      <translation>{track}의 트랜지션 “{name}”이(가) 컷이 됩니다</translation>
    </message>
    <message>
      <source>There is no model {folder}</source>
      <translation>{folder} 모델이 없습니다</translation>
    </message>
    <message>
      <source>There is no timeline file at {file}</source>
      <translation>{file}에 타임라인 파일이 없습니다</translation>
    </message>
    <message>
      <source>Write them as 24.0</source>
      <translation>24.0처럼 쓰세요</translation>
    </message>
    <message>
      <source>allow it, or relink it in your editor, or look for its media in a folder (“Find media…”)</source>
      <translation>허용하거나, 편집 프로그램에서 다시 연결하거나, 폴더에서 미디어를 찾으세요(“미디어 찾기…”)</translation>
    </message>
    <message>
      <source>bring it back, or generate it anew</source>
      <translation>되돌려 놓거나 새로 생성하세요</translation>
    </message>
    <message>
      <source>bring it back, or relink it in your editor, or look for its media in a folder (“Find media…”)</source>
      <translation>파일을 되돌려 놓거나, 편집 프로그램에서 다시 연결하거나, 폴더에서 미디어를 찾으세요(“미디어 찾기…”)</translation>
    </message>
    <message>
      <source>change that in your editor and export again</source>
      <translation>편집 프로그램에서 고친 다음 다시 내보내세요</translation>
    </message>
    <message>
      <source>check its in-point or relink it in your editor</source>
      <translation>편집 프로그램에서 인 지점을 확인하거나 다시 연결하세요</translation>
    </message>
    <message>
      <source>check that its disk is there and not full</source>
      <translation>디스크가 연결되어 있고 공간이 있는지 확인하세요</translation>
    </message>
    <message>
      <source>check the path</source>
      <translation>경로를 확인하세요</translation>
    </message>
    <message>
      <source>choose a folder that `foley train pack` wrote</source>
      <translation>`foley train pack`으로 만든 폴더를 고르세요</translation>
    </message>
    <message>
      <source>choose a longer one</source>
      <translation>더 긴 것을 고르세요</translation>
    </message>
    <message>
      <source>choose a part to redo, or vary it</source>
      <translation>다시 만들 구간을 고르거나 변주하세요</translation>
    </message>
    <message>
      <source>choose another</source>
      <translation>다른 것을 고르세요</translation>
    </message>
    <message>
      <source>choose at least 20 ms within the clip and its handles</source>
      <translation>클립과 핸들 안에서 20ms 이상을 고르세요</translation>
    </message>
    <message>
      <source>close it elsewhere first</source>
      <translation>먼저 다른 곳에서 닫으세요</translation>
    </message>
    <message>
      <source>close it there</source>
      <translation>그쪽에서 닫으세요</translation>
    </message>
    <message>
      <source>copy the whole folder again</source>
      <translation>폴더 전체를 다시 복사하세요</translation>
    </message>
    <message>
      <source>download it, then relink it in your editor, or look for its media in a folder (“Find media…”)</source>
      <translation>내려받은 다음 편집 프로그램에서 다시 연결하거나, 폴더에서 미디어를 찾으세요(“미디어 찾기…”)</translation>
    </message>
    <message>
      <source>export the cut again</source>
      <translation>컷을 다시 내보내세요</translation>
    </message>
    <message>
      <source>export the cut as .otio</source>
      <translation>컷을 .otio로 내보내세요</translation>
    </message>
    <message>
      <source>generate for more of them</source>
      <translation>더 필요하면 새로 생성하세요</translation>
    </message>
    <message>
      <source>generate it anew first</source>
      <translation>먼저 새로 생성하세요</translation>
    </message>
    <message>
      <source>generate it anew to cast it</source>
      <translation>캐스트로 쓰려면 새로 생성하세요</translation>
    </message>
    <message>
      <source>give a folder that `foley train pack` wrote, or {names}</source>
      <translation>`foley train pack`으로 만든 폴더나 {names}을(를) 고르세요</translation>
    </message>
    <message>
      <source>give a project folder</source>
      <translation>프로젝트 폴더를 정해 주세요</translation>
    </message>
    <message>
      <source>give another file</source>
      <translation>다른 파일을 고르세요</translation>
    </message>
    <message>
      <source>it is broken: export the cut again from your editor</source>
      <translation>파일이 손상되었습니다: 편집 프로그램에서 컷을 다시 내보내세요</translation>
    </message>
    <message>
      <source>nothing moves in it</source>
      <translation>움직이는 것이 없습니다</translation>
    </message>
    <message>
      <source>open it again and export then</source>
      <translation>다시 연 다음 내보내세요</translation>
    </message>
    <message>
      <source>relink it in your editor, or look for its media in a folder (“Find media…”)</source>
      <translation>편집 프로그램에서 다시 연결하거나, 폴더에서 미디어를 찾으세요(“미디어 찾기…”)</translation>
    </message>
    <message>
      <source>say where the share is mounted, or relink it in your editor, or look for its media in a folder (“Find media…”)</source>
      <translation>공유 폴더가 연결된 위치를 알려 주거나, 편집 프로그램에서 다시 연결하거나, 폴더에서 미디어를 찾으세요(“미디어 찾기…”)</translation>
    </message>
    <message>
      <source>say which</source>
      <translation>어느 것인지 정해 주세요</translation>
    </message>
    <message>
      <source>select a longer one</source>
      <translation>더 긴 구간을 선택하세요</translation>
    </message>
    <message>
      <source>slip it less, or generate it anew</source>
      <translation>덜 옮기거나 새로 생성하세요</translation>
    </message>
    <message>
      <source>swap the two</source>
      <translation>둘을 맞바꾸세요</translation>
    </message>
    <message>
      <source>vary the take, or generate anew</source>
      <translation>테이크를 변주하거나 새로 생성하세요</translation>
    </message>
    <message>
      <source>{clip} begins {seconds} s before its media's first frame</source>
      <translation>{clip}이(가) 미디어의 첫 프레임보다 {seconds}초 먼저 시작합니다</translation>
    </message>
    <message>
      <source>{clip} begins {seconds} s before its media's first frame, which makes the whole import fail</source>
      <translation>{clip}이(가) 미디어의 첫 프레임보다 {seconds}초 먼저 시작해 가져오기 전체가 실패합니다</translation>
    </message>
    <message>
      <source>{clip} cannot come in: a script's import fails on it</source>
      <translation>{clip}은(는) 가져올 수 없습니다: 스크립트로 가져올 때 실패합니다</translation>
    </message>
    <message>
      <source>{clip} comes in as picture and sound apart, not linked</source>
      <translation>{clip}의 화면과 소리가 연결되지 않고 따로 들어옵니다</translation>
    </message>
    <message>
      <source>{clip} comes in with a shifted start</source>
      <translation>{clip}의 시작 지점이 밀려서 들어옵니다</translation>
    </message>
    <message>
      <source>{clip} comes in without its effects</source>
      <translation>{clip}이(가) 효과 없이 들어옵니다</translation>
    </message>
    <message>
      <source>{clip} comes in without its speed ramp</source>
      <translation>{clip}이(가) 속도 램프 없이 들어옵니다</translation>
    </message>
    <message>
      <source>{clip} comes without its effects</source>
      <translation>{clip}이(가) 효과 없이 들어갑니다</translation>
    </message>
    <message>
      <source>{clip} has a name missing without its file's {ending}, by which the import finds media</source>
      <translation>{clip}에 이름과 파일 확장자 {ending}이(가) 없어 가져올 때 미디어를 찾지 못합니다</translation>
    </message>
    <message>
      <source>{clip} has no media</source>
      <translation>{clip}에 미디어가 없습니다</translation>
    </message>
    <message>
      <source>{clip} is a generator, with no media to watch</source>
      <translation>{clip}은(는) 제너레이터여서 볼 미디어가 없습니다</translation>
    </message>
    <message>
      <source>{clip} is a still picture</source>
      <translation>{clip}은(는) 정지 화면입니다</translation>
    </message>
    <message>
      <source>{clip} is a title or generator, with no media to watch</source>
      <translation>{clip}은(는) 타이틀이나 제너레이터여서 볼 미디어가 없습니다</translation>
    </message>
    <message>
      <source>{clip} is being checked: its media is looked for</source>
      <translation>{clip}을(를) 확인하는 중입니다: 미디어를 찾고 있습니다</translation>
    </message>
    <message>
      <source>{clip} is called “{name}” without its file's {ending}, by which the import finds media</source>
      <translation>{clip}의 이름 “{name}”에 파일 확장자 {ending}이(가) 없어 가져올 때 미디어를 찾지 못합니다</translation>
    </message>
    <message>
      <source>{clip} is cut into clips of one speed each</source>
      <translation>{clip}이(가) 속도별 클립으로 나뉩니다</translation>
    </message>
    <message>
      <source>{clip} is cut into clips that play at normal speed</source>
      <translation>{clip}이(가) 정상 속도의 클립들로 나뉩니다</translation>
    </message>
    <message>
      <source>{clip} is disabled in the cut</source>
      <translation>{clip}이(가) 컷에서 꺼져 있습니다</translation>
    </message>
    <message>
      <source>{clip} is in the disabled nest “{nest}”</source>
      <translation>{clip}이(가) 꺼진 네스트 “{nest}” 안에 있습니다</translation>
    </message>
    <message>
      <source>{clip} is left out, and its place stays empty</source>
      <translation>{clip}이(가) 빠지고 그 자리는 비어 있습니다</translation>
    </message>
    <message>
      <source>{clip} is left out, since it is disabled and AAF cannot say so</source>
      <translation>{clip}은(는) 꺼져 있는데 AAF로는 표시할 수 없어 빠집니다</translation>
    </message>
    <message>
      <source>{clip} is off by 1 to 9 frames after the import</source>
      <translation>{clip}이(가) 가져온 뒤 1~9프레임 어긋납니다</translation>
    </message>
    <message>
      <source>{clip} is offline: there is no file {file}</source>
      <translation>{clip}이(가) 오프라인입니다: {file} 파일이 없습니다</translation>
    </message>
    <message>
      <source>{clip} is offline: there is no image of the sequence {file}</source>
      <translation>{clip}이(가) 오프라인입니다: {file} 시퀀스의 이미지가 없습니다</translation>
    </message>
    <message>
      <source>{clip} is offline: there is no {file}</source>
      <translation>{clip}이(가) 오프라인입니다: {file}이(가) 없습니다</translation>
    </message>
    <message>
      <source>{clip} is offline: there is no {file}, and one missing file makes the whole import fail</source>
      <translation>{clip}이(가) 오프라인입니다: {file}이(가) 없으며, 파일 하나만 없어도 가져오기 전체가 실패합니다</translation>
    </message>
    <message>
      <source>{clip} is offline: your editor did not find {file}</source>
      <translation>{clip}이(가) 오프라인입니다: 편집 프로그램이 {file}을(를) 찾지 못했습니다</translation>
    </message>
    <message>
      <source>{clip} is on a disabled track of the nest “{nest}”</source>
      <translation>{clip}이(가) 네스트 “{nest}”의 꺼진 트랙에 있습니다</translation>
    </message>
    <message>
      <source>{clip} is on the disabled track {track}</source>
      <translation>{clip}이(가) 꺼진 트랙 {track}에 있습니다</translation>
    </message>
    <message>
      <source>{clip} is the only clip of link group {number}</source>
      <translation>{clip}이(가) 링크 그룹 {number}에 혼자 남아 있습니다</translation>
    </message>
    <message>
      <source>{clip} may be any of {files}, which fit equally well</source>
      <translation>{clip}에 똑같이 맞는 파일이 여럿입니다: {files}</translation>
    </message>
    <message>
      <source>{clip} may be fused with another clip and muted by its LinkID</source>
      <translation>{clip}이(가) LinkID 때문에 다른 클립과 합쳐져 음소거될 수 있습니다</translation>
    </message>
    <message>
      <source>{clip} may come in at another length, since programs disagree on what a retimed range means</source>
      <translation>{clip}의 길이가 달라질 수 있습니다. 리타임한 구간의 해석이 프로그램마다 다르기 때문입니다</translation>
    </message>
    <message>
      <source>{clip} may lose its speed ramp in the import</source>
      <translation>{clip}의 속도 램프가 가져올 때 사라질 수 있습니다</translation>
    </message>
    <message>
      <source>{clip} names its media by a file URL, which the import refuses</source>
      <translation>{clip}이(가) 미디어를 file URL로 지정하는데, 가져오기에서 거부됩니다</translation>
    </message>
    <message>
      <source>{clip} names its media by the relative path {file}, which the import does not find</source>
      <translation>{clip}이(가) 미디어를 상대 경로 {file}(으)로 지정해 가져올 때 찾지 못합니다</translation>
    </message>
    <message>
      <source>{clip} names no media file</source>
      <translation>{clip}에 미디어 파일이 지정되어 있지 않습니다</translation>
    </message>
    <message>
      <source>{clip} plays a range outside its media</source>
      <translation>{clip}이(가) 미디어를 벗어난 구간을 재생합니다</translation>
    </message>
    <message>
      <source>{clip} plays on instead of holding its frame</source>
      <translation>{clip}이(가) 프레임을 멈추지 않고 계속 재생됩니다</translation>
    </message>
    <message>
      <source>{clip} plays the wrong frames after the import</source>
      <translation>{clip}이(가) 가져온 뒤 다른 프레임을 재생합니다</translation>
    </message>
    <message>
      <source>{clip} plays {file} from the network, which is not opened unasked</source>
      <translation>{clip}이(가) 네트워크의 {file}을(를) 재생하며, 허락 없이 열지 않습니다</translation>
    </message>
    <message>
      <source>{clip} plays {file}, a path of another operating system</source>
      <translation>{clip}이(가) 다른 운영 체제의 경로 {file}을(를) 재생합니다</translation>
    </message>
    <message>
      <source>{clip} plays {file}, and a {sign} in a path makes the whole import fail</source>
      <translation>{clip}이(가) {file}을(를) 재생하는데, 경로에 {sign}이(가) 있으면 가져오기 전체가 실패합니다</translation>
    </message>
    <message>
      <source>{clip} plays {file}, which cannot be looked up on this computer</source>
      <translation>{clip}이(가) 재생하는 {file}은(는) 이 컴퓨터에서 확인할 수 없습니다</translation>
    </message>
    <message>
      <source>{clip} plays {file}, which is no readable video ({why})</source>
      <translation>{clip}이(가) 재생하는 {file}은(는) 읽을 수 있는 영상이 아닙니다({why})</translation>
    </message>
    <message>
      <source>{clip} plays {file}, which is not a file on this computer</source>
      <translation>{clip}이(가) 이 컴퓨터에 없는 {file}을(를) 재생합니다</translation>
    </message>
    <message>
      <source>{clip} plays {seconds} s past its media's end</source>
      <translation>{clip}이(가) 미디어의 끝을 {seconds}초 넘겨 재생합니다</translation>
    </message>
    <message>
      <source>{file} cannot be read by OpenTimelineIO ({why})</source>
      <translation>OpenTimelineIO가 {file}을(를) 읽을 수 없습니다({why})</translation>
    </message>
    <message>
      <source>{file} has changed since it was read</source>
      <translation>{file}이(가) 읽은 뒤에 바뀌었습니다</translation>
    </message>
    <message>
      <source>{file} is empty</source>
      <translation>{file}이(가) 비어 있습니다</translation>
    </message>
    <message>
      <source>{file} is not an OpenTimelineIO timeline</source>
      <translation>{file}은(는) OpenTimelineIO 타임라인이 아닙니다</translation>
    </message>
    <message>
      <source>{file} is there already and is not overwritten</source>
      <translation>{file}이(가) 이미 있으며 덮어쓰지 않습니다</translation>
    </message>
    <message>
      <source>{file} made the timeline reader crash (exit status {number})</source>
      <translation>{file} 때문에 타임라인 읽기가 중단되었습니다(종료 상태 {number})</translation>
    </message>
    <message>
      <source>{file} names no frame rate; {rate} frames a second are assumed, since its highest frame number is {number}. Give another in File &gt; Frame rate of the EDL</source>
      <translation>{file}에 프레임 속도가 없어 초당 {rate}프레임으로 봅니다(가장 큰 프레임 번호 {number}). 파일 &gt; EDL의 프레임 속도에서 바꿀 수 있습니다</translation>
    </message>
    <message>
      <source>{folder} is no model: it has no {file} that can be read</source>
      <translation>{folder}은(는) 모델이 아닙니다: 읽을 수 있는 {file} 파일이 없습니다</translation>
    </message>
    <message>
      <source>{folder} is no model: its {file} describes none</source>
      <translation>{folder}은(는) 모델이 아닙니다: {file} 파일에 모델에 대한 설명이 없습니다</translation>
    </message>
    <message>
      <source>{take} cannot be slipped by {by}: its handles reach from {first} to {last}</source>
      <translation>{take}을(를) {by}만큼 슬립할 수 없습니다: 핸들 범위는 {first}에서 {last}까지입니다</translation>
    </message>
    <message>
      <source>{take} covers the clip already, its handles included</source>
      <translation>{take}이(가) 이미 핸들까지 클립을 덮고 있습니다</translation>
    </message>
    <message>
      <source>{time} lies outside the timeline, which runs from {first} to {last}</source>
      <translation>{time}은(는) 타임라인({first}~{last}) 밖에 있습니다</translation>
    </message>
    <message>
      <source>“{clip}” was trimmed, slipped or split since {take} was made, and its recipe is for the picture as it was</source>
      <translation>{take}을(를) 만든 뒤 “{clip}”이(가) 트림, 슬립 또는 분할되었고, 이 레시피는 이전 화면에 맞는 것입니다</translation>
    </message>
  </context>
  <context>
    <name>TransportBar</name>
    <message>
      <source>Dim</source>
      <translation>딤</translation>
    </message>
    <message>
      <source>Foley solo</source>
      <translation>폴리 솔로</translation>
    </message>
  </context>
  <context>
    <name>Viewer</name>
    <message>
      <source>Viewer</source>
      <translation>뷰어</translation>
    </message>
  </context>
  <context>
    <name>WelcomeControl</name>
    <message>
      <source>The model is loading…</source>
      <translation>모델을 불러오는 중…</translation>
    </message>
    <message>
      <source>the graphics card ({})</source>
      <translation>그래픽 카드({})</translation>
    </message>
    <message>
      <source>this machine's processor, threads: {}</source>
      <translation>이 컴퓨터의 프로세서, 스레드 {}개</translation>
    </message>
  </context>
  <context>
    <name>WorkControl</name>
    <message>
      <source>Nothing stands in the way of these clips.</source>
      <translation>이 클립들에는 아무 문제가 없습니다.</translation>
    </message>
    <message>
      <source>Paused, {} waiting</source>
      <translation>일시 정지됨, {}개 대기 중</translation>
    </message>
  </context>
  <context>
    <name>Workspace</name>
    <message>
      <source>Below the picture</source>
      <translation>화면 아래</translation>
    </message>
    <message>
      <source>Beside the picture</source>
      <translation>화면 옆</translation>
    </message>
    <message>
      <source>Clip</source>
      <translation>클립</translation>
    </message>
    <message>
      <source>Timeline</source>
      <translation>타임라인</translation>
    </message>
  </context>
  <context>
    <name>_SoundDelegate</name>
    <message>
      <source>From the picture</source>
      <translation>화면에 맡김</translation>
    </message>
    <message>
      <source>What makes the sound</source>
      <translation>소리를 내는 것</translation>
    </message>
  </context>
</TS>
